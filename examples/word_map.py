"""A picture of word vectors: countries and their capitals, in the plane that shows most of them.

    python examples/word_map.py word_map.png

trains on generated sentences in a second, projects the vectors of the words onto their two first
principal components, and draws them. The sentences never say which city is whose capital: the
vectors of both follow from the words around them. Needs matplotlib: pip install 'negw2v[plot]'
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from negw2v import KeyedVectors, Word2Vec
from negw2v.datasets import synthetic


def pairs() -> list[tuple[str, str]]:
    """(capital, country) of the generated corpus."""
    questions = synthetic.analogies()["capital-country"]
    return list(dict.fromkeys((capital, country) for capital, country, *_ in questions))


def plane(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """The two first principal components, float (n, 2)."""
    centred = vectors - vectors.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    places: npt.NDArray[np.floating] = centred @ directions.T
    return places


def draw(vectors: KeyedVectors, target: Path) -> None:
    """Write the picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    capitals, countries = (list(words) for words in zip(*pairs(), strict=True))
    places = plane(vectors[capitals + countries])
    figure, axes = plt.subplots(figsize=(7, 3.4), dpi=110)
    halves = np.split(places, 2)
    for capital, country in zip(*halves, strict=True):
        axes.plot(*np.stack([capital, country]).T, color="0.8", zorder=1)
    for words, half, colour in zip((capitals, countries), halves, ("C3", "C0"), strict=True):
        axes.scatter(*half.T, color=colour, s=14, zorder=2)
        for word, place in zip(words, half, strict=True):
            axes.annotate(word, place, (4, 2), textcoords="offset points", fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(x=0.12)
    figure.tight_layout()
    figure.savefig(target, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    """Train, draw, and say how often the nearest country is the right one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", type=Path, help="the picture: .png, .svg or .pdf")
    target = parser.parse_args().target
    model = Word2Vec(
        synthetic.sentences(), sg=1, vector_size=50, min_count=1, epochs=10, workers=1, seed=1
    )
    draw(model.wv, target)
    _, countries = zip(*pairs(), strict=True)
    right = sum(
        model.wv.most_similar_to_given(capital, list(countries)) == country
        for capital, country in pairs()
    )
    print(f"{target}: the nearest country is the right one for {right} of {len(pairs())} capitals")


if __name__ == "__main__":
    main()
