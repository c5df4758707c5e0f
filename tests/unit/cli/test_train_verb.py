"""The verb train: parameters, word2vec.c's options, files, standard input, what is refused."""

from __future__ import annotations

import inspect
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.cli.main import main
from negw2v.cli.train import LEFT_OUT, documented_parameters

SMALL = ["--vector-size", "8", "--epochs", "1", "--min-count", "1", "--workers", "1", "--quiet"]


@pytest.fixture
def corpus(tmp_path: Path, synthetic_sentences: list[list[str]]) -> str:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(words) + "\n" for words in synthetic_sentences[:500]))
    return str(path)


def test_every_parameter_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    for name in set(inspect.signature(Word2Vec.__init__).parameters) - LEFT_OUT:
        assert "--" + name.replace("_", "-") in shown
        assert documented_parameters()[name].about


def test_the_model_is_that_of_the_constructor(corpus: str, tmp_path: Path) -> None:
    target = str(tmp_path / "words.model")
    options = ["--sg", "--window", "3", "--sample", "0", "--seed", "5", "--no-shrink-windows"]
    assert main(["train", corpus, "-o", target, *SMALL, *options]) == 0
    trained = Word2Vec.load(target)
    same = Word2Vec(
        corpus_file=corpus,
        vector_size=8,
        epochs=1,
        min_count=1,
        workers=1,
        sg=1,
        window=3,
        sample=0,
        seed=5,
        shrink_windows=False,
        alpha=0.05,  # what "auto" is
    )
    assert trained.wv.index_to_key == same.wv.index_to_key
    np.testing.assert_array_equal(trained.wv.vectors, same.wv.vectors)
    assert trained.window == 3


def test_the_same_bits_with_any_number_of_workers(corpus: str, tmp_path: Path) -> None:
    vectors = []
    for workers in ("1", "3"):
        target = str(tmp_path / workers)
        options = [*SMALL, "--deterministic", "--workers", workers]
        assert main(["train", corpus, "-o", target, *options]) == 0
        model = Word2Vec.load(target)
        assert model.deterministic
        vectors.append(model.wv.vectors)
    np.testing.assert_array_equal(*vectors)


def test_options_of_word2vec_c(corpus: str, tmp_path: Path) -> None:
    target, vocabulary = str(tmp_path / "v.any"), str(tmp_path / "vocabulary")
    command = (
        f"train -train {corpus} -output {target} -cbow 0 -size 8 -window 3 -negative 3 -hs 0 "
        f"-sample 1e-4 -threads 1 -binary 1 -iter 2 -min-count 2 -alpha 0.05 -debug 0 "
        f"-save-vocab {vocabulary}"
    )
    assert main(command.split()) == 0
    same = Word2Vec(
        corpus_file=corpus,
        sg=1,
        vector_size=8,
        window=3,
        negative=3,
        sample=1e-4,
        workers=1,
        epochs=2,
        min_count=2,
        alpha=0.05,
    )
    found = KeyedVectors.load_word2vec_format(target, binary=True)
    assert found.index_to_key == same.wv.index_to_key
    np.testing.assert_array_equal(found.vectors, same.wv.vectors)
    word, count = Path(vocabulary).read_text().splitlines()[0].split()
    assert int(count) == same.wv.get_vecattr(word, "count")


def test_a_vocabulary_is_read_in_place_of_counting(corpus: str, tmp_path: Path) -> None:
    counted = tmp_path / "counted"
    target = str(tmp_path / "a.txt")
    assert main(["train", corpus, "-o", target, *SMALL, "--save-vocab", str(counted)]) == 0
    first = KeyedVectors.load_word2vec_format(target)
    kept = "".join(line + "\n" for line in counted.read_text().splitlines()[:10])
    counted.write_text(kept)
    assert main(["train", corpus, "-o", target, *SMALL, "--read-vocab", str(counted)]) == 0
    second = KeyedVectors.load_word2vec_format(target)
    assert sorted(second.index_to_key) == sorted(first.index_to_key[:10])


def test_a_vocabulary_with_a_wrong_line_is_refused(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("the 10\nof\n")
    target = str(tmp_path / "a.txt")
    assert main(["train", corpus, "-o", target, "--read-vocab", str(wrong)]) == 1
    assert f"{wrong}, line 2: 'of' is not a word and its count" in capsys.readouterr().err


def test_standard_input_is_kept_for_all_epochs(
    corpus: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = Path(corpus).read_bytes()
    target = tmp_path / "words.model"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["train", "-", "-o", str(target), *SMALL, "--epochs", "3"]) == 0
    said = capsys.readouterr().err
    assert f"standard input: {len(content):,} bytes, kept in " in said
    assert not Path(said.split("kept in ")[1].strip()).exists()
    assert Word2Vec.load(str(target)).epochs == 3


def test_the_report_as_json(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "w.model")
    assert main(["train", corpus, "-o", target, *SMALL, "--epochs", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["epochs"]) == 2
    assert report["words_read"] == 2 * len(Path(corpus).read_text().split())
    assert report["epochs"][1]["mean_loss"] < report["epochs"][0]["mean_loss"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "m"], "name the corpus"),
        (["corpus"], "name the file to write"),
        (["corpus", "-o", "m", "-classes", "100"], "-classes makes clusters"),
        (["corpus", "-o", "nowhere/m"], "there is no folder"),
        (["missing", "-o", "m"], "missing"),
        (["corpus", "-o", "m", "--vector-size", "0"], "vector_size"),
        (["corpus", "-o", "m", "--alpha", "-1"], "alpha must be finite and at least 0"),
        (["corpus", "-o", "m", "--min-count", "1000000"], "min_count"),
        (["-", "-o", "m"], "standard input is empty"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str],
    said: str,
    corpus: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    given = [corpus if word == "corpus" else word for word in arguments]
    assert main(["train", *given]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("negw2v train: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert not (tmp_path / "m").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT")
def test_ctrl_c_ends_with_130_and_the_checkpoint_goes_on(corpus: str, tmp_path: Path) -> None:
    checkpoint, target = tmp_path / "checkpoint", tmp_path / "m"
    command = [sys.executable, "-m", "negw2v", "train", corpus, "-o", str(target), *SMALL]
    running = subprocess.Popen(
        [*command, "--epochs", "100000", "--checkpoint", str(checkpoint)],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    deadline = time.monotonic() + 60
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said == f"negw2v train: interrupted; {checkpoint} holds the state of training\n"
    assert not target.exists()
    state = Word2Vec.load(str(checkpoint))
    assert state.epochs == 100000


def test_rates_are_numbers_or_automatic(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "m")
    assert main(["train", corpus, "-o", target, *SMALL]) == 0
    assert Word2Vec.load(target).alpha == 0.075
    assert main(["train", corpus, "-o", target, *SMALL, "--alpha", "0.03"]) == 0
    assert Word2Vec.load(target).alpha == 0.03
    with pytest.raises(SystemExit) as left:
        main(["train", corpus, "-o", target, "--alpha", "high"])
    assert left.value.code == 2
    assert "invalid rate value: 'high'" in capsys.readouterr().err


def test_a_dry_run_says_what_training_takes_and_writes_nothing(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = len(Path(corpus).read_text().split())
    target = tmp_path / "m"
    arguments = ["train", corpus, "-o", str(target), *SMALL, "--epochs", "3", "--dry-run"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["words"] == words
    assert found["epochs"] == 3
    assert found["training_seconds"] == pytest.approx(3 * words / found["words_per_second"])
    assert found["mistakes"] == []
    assert main([*arguments, "--alpha", "1e5"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert f"words\t{words:,}\n" in captured.out
    assert "\nwarning\twith alpha=100000 the loss grows" in captured.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt"]


def test_a_dry_run_needs_no_target_but_counts_itself(
    corpus: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", corpus, *SMALL, "--dry-run"]) == 0
    assert "training will take" in capsys.readouterr().out
    assert main(["train", corpus, *SMALL, "--dry-run", "--read-vocab", "counts"]) == 1
    assert "leave --read-vocab out" in capsys.readouterr().err
    assert main(["train", corpus, *SMALL, "--dry-run", "--resume", "checkpoint"]) == 1
    assert "leave --resume out" in capsys.readouterr().err


def test_resumed_training_keeps_its_parameters(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint, target = str(tmp_path / "checkpoint"), str(tmp_path / "m")
    assert main(["train", corpus, "-o", target, *SMALL, "--checkpoint", checkpoint]) == 0
    resume = ["train", corpus, "-o", target, "--resume", checkpoint]
    assert main([*resume, "--vector-size", "9", "--epochs", "3"]) == 1
    assert "--epochs, --vector-size: training goes on with" in capsys.readouterr().err
    assert main([*resume, "-cbow", "1"]) == 1
    assert "--cbow: training goes on with" in capsys.readouterr().err
    assert main([*resume, "--checkpoint", "other"]) == 1
    assert "--checkpoint: training goes on with" in capsys.readouterr().err
    assert main([*resume, "--workers", "2", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert Word2Vec.load(target).epochs == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--nodes", "2"], "--nodes: for training on a cluster; name it with --ray ADDRESS"),
        (["--ray", "auto", "--dry-run"], "--dry-run is not for --ray"),
        (["--ray", "auto", "--resume", "x", "--shards", "3"], "in the rounds of the checkpoint"),
    ],
)
def test_options_for_clusters_that_contradict_each_other(
    corpus: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    assert main(["train", corpus, "-o", str(tmp_path / "a.txt"), *options]) == 1
    assert message in capsys.readouterr().err
    assert main(["train", "-", "-o", str(tmp_path / "a.txt"), "--ray", "auto"]) == 1
    assert "standard input is on this machine alone" in capsys.readouterr().err
