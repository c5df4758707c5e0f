"""Models on the Hugging Face Hub, which a server on this machine stands in for."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import hub_stand_in
import numpy as np
import pytest
from safetensors.numpy import save

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import (
    HubError,
    InputTypeError,
    MissingFileError,
    ModelFileError,
    ParameterError,
)

pytest.importorskip("huggingface_hub", reason="needs the extra hub")

# huggingface_hub's own way to upload a file
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

WRITES, READS = "hf_writes", "hf_reads"
NAME = "owner/words"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hub_stand_in.Hub]:
    home = tmp_path_factory.mktemp("home")
    with hub_stand_in.running() as hub, hub_stand_in.client(hub, home):
        yield hub


@pytest.fixture
def hub(server: hub_stand_in.Hub) -> hub_stand_in.Hub:
    """A hub without models, and a user without downloads."""
    server.clear()
    shutil.rmtree(Path(os.environ["HF_HOME"]) / "hub", ignore_errors=True)
    return server


@pytest.fixture
def vectors() -> KeyedVectors:
    made = KeyedVectors(3)
    made.add_vectors(["ä", "the", "cat"], np.arange(9, dtype=np.float32).reshape(3, 3) - 4)
    made.expandos["count"] = np.array([9, 7, 5])
    return made


def files(hub: hub_stand_in.Hub, revision: str = "main") -> dict[str, bytes]:
    found = hub.models[NAME].files(revision)
    assert found is not None
    return found


def downloads(hub: hub_stand_in.Hub) -> list[str]:
    return [path for method, path, _ in hub.requests if method == "GET" and "/api/" not in path]


class TestThereAndBack:
    def test_vectors(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        address = vectors.push_to_hub(NAME, token=WRITES, license="mit", commit_message="first")
        model = hub.models[NAME]
        assert address == f"{hub.address}/{NAME}/commit/{model.branches['main']}"
        assert model.messages[1:] == ["first"]
        assert set(files(hub)) == {
            ".gitattributes",
            "README.md",
            "config.json",
            "model.safetensors",
            "modules.json",
            "tokenizer.json",
        }
        card = files(hub)["README.md"].decode()
        assert f"# {NAME}\n" in card
        assert f"from_pretrained({NAME!r})" in card
        # a large file goes where large files go, and not into the commit
        assert any(method == "PUT" for method, _, _ in hub.requests)

        found = KeyedVectors.from_pretrained(NAME)
        assert found.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        np.testing.assert_array_equal(found.expandos["count"], [9, 7, 5])

    def test_only_what_is_needed_is_downloaded_and_only_once(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors
    ) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        hub.models[NAME].commit("main", {"setup.py": b"raise SystemExit"}, "code")
        KeyedVectors.from_pretrained(NAME)
        assert len(downloads(hub)) == 2
        hub.requests.clear()
        KeyedVectors.from_pretrained(NAME)
        assert downloads(hub) == []

    def test_a_folder_for_downloads(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors, tmp_path: Path
    ) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        KeyedVectors.from_pretrained(NAME, cache_dir=tmp_path / "downloads")
        assert list((tmp_path / "downloads").rglob("model.safetensors"))
        assert not (Path(os.environ["HF_HOME"]) / "hub").exists()

    def test_a_derived_class(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        class Mine(KeyedVectors):
            pass

        vectors.push_to_hub(NAME, token=WRITES)
        assert type(Mine.from_pretrained(NAME)) is Mine

    def test_branches_and_commits(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        first = hub.models[NAME].branches["main"]
        vectors.subset(["cat"]).push_to_hub(NAME, token=WRITES, revision="small")
        assert KeyedVectors.from_pretrained(NAME, revision="small").index_to_key == ["cat"]
        assert len(KeyedVectors.from_pretrained(NAME)) == 3
        vectors.subset(["the"]).push_to_hub(NAME, token=WRITES)
        assert KeyedVectors.from_pretrained(NAME).index_to_key == ["the"]
        assert len(KeyedVectors.from_pretrained(NAME, revision=first)) == 3

    def test_a_pull_request(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        before = files(hub)
        address = vectors.subset(["cat"]).push_to_hub(NAME, token=WRITES, create_pr=True)
        assert address.endswith("/discussions/1")
        assert files(hub) == before
        found = KeyedVectors.from_pretrained(NAME, revision="refs/pr/1")
        assert found.index_to_key == ["cat"]

    def test_a_card_that_somebody_edited(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors
    ) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        hub.models[NAME].commit("main", {"README.md": b"mine"}, "edited")
        vectors.push_to_hub(NAME, token=WRITES, replace_card=False)
        assert files(hub)["README.md"] == b"mine"
        vectors.push_to_hub(NAME, token=WRITES)
        assert files(hub)["README.md"] != b"mine"

    def test_private_models(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        vectors.push_to_hub(NAME, token=WRITES, private=True)
        assert hub.models[NAME].private
        with pytest.raises(MissingFileError, match="or it is private"):
            KeyedVectors.from_pretrained(NAME)
        assert len(KeyedVectors.from_pretrained(NAME, token=READS)) == 3

    def test_model2vec_reads_it(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        model2vec = pytest.importorskip("model2vec", reason="reads models of the Hub")
        model = model2vec.StaticModel.from_pretrained(NAME)
        np.testing.assert_allclose(model.encode("ä cat"), (vectors["ä"] + vectors["cat"]) / 2)


class TestWholeModels:
    @pytest.fixture
    def model(self, synthetic_sentences: list[list[str]]) -> Word2Vec:
        return Word2Vec(synthetic_sentences[:300], vector_size=8, min_count=2, workers=1, seed=3)

    def test_training_goes_on(
        self, hub: hub_stand_in.Hub, model: Word2Vec, synthetic_sentences: list[list[str]]
    ) -> None:
        model.push_to_hub(NAME, token=WRITES, license="mit")
        card = files(hub)["README.md"].decode()
        assert f"Word2Vec.from_pretrained({NAME!r})" in card
        assert "## Training" in card
        found = Word2Vec.from_pretrained(NAME)
        assert len(downloads(hub)) == 1
        for each in (model, found):
            each.train(synthetic_sentences[:300], total_examples=300, epochs=1)
        np.testing.assert_array_equal(found.wv.vectors, model.wv.vectors)
        np.testing.assert_array_equal(found.syn1neg, model.syn1neg)

    def test_its_vectors(self, hub: hub_stand_in.Hub, model: Word2Vec) -> None:
        model.push_to_hub(NAME, token=WRITES)
        found = KeyedVectors.from_pretrained(NAME)
        np.testing.assert_array_equal(found.vectors, model.wv.vectors)
        assert not any("word2vec" in path for path in downloads(hub))

    def test_vectors_alone_cannot_be_trained(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors
    ) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        with pytest.raises(MissingFileError, match=r"no word2vec.*KeyedVectors.from_pretrained"):
            Word2Vec.from_pretrained(NAME)


class TestErrors:
    @pytest.mark.parametrize("token", [None, READS])
    def test_no_such_model(self, hub: hub_stand_in.Hub, token: str | None) -> None:
        with pytest.raises(MissingFileError, match=r"no such model .*HF_TOKEN") as caught:
            KeyedVectors.from_pretrained("owner/none", token=token)
        assert caught.value.filename == "owner/none"

    def test_no_such_revision(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        with pytest.raises(MissingFileError, match="no revision 'v9'"):
            KeyedVectors.from_pretrained(NAME, revision="v9")

    def test_tokens_that_are_not_valid(self, hub: hub_stand_in.Hub, vectors: KeyedVectors) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        with pytest.raises(HubError, match=r"wants a valid token.*hf auth login") as caught:
            KeyedVectors.from_pretrained(NAME, token="hf_other")
        assert caught.value.errno == errno.EACCES
        for token in ("hf_other", False):
            with pytest.raises(HubError, match="wants a valid token"):
                vectors.push_to_hub(NAME, token=token)

    @pytest.mark.parametrize("name", [NAME, "somebody/words"])
    def test_tokens_that_may_not_write(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors, name: str
    ) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        before = files(hub)
        owner = name.partition("/")[0]
        with pytest.raises(HubError, match=f"lacks a right .* models of '{owner}'") as caught:
            vectors.push_to_hub(name, token=READS)
        assert caught.value.errno == errno.EACCES
        assert files(hub) == before
        assert list(hub.models) == [NAME]

    def test_access_on_request(self, hub: hub_stand_in.Hub) -> None:
        hub.models[NAME] = hub_stand_in.Model(private=False, gated=True)
        with pytest.raises(HubError, match="ask for it on the model's page"):
            KeyedVectors.from_pretrained(NAME, token=READS)

    def test_a_licence_that_the_hub_does_not_know(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors
    ) -> None:
        with pytest.raises(ParameterError, match='"license" must be one of'):
            vectors.push_to_hub(NAME, token=WRITES, license="none of these")
        assert set(files(hub)) == {".gitattributes"}

    @pytest.mark.parametrize("name", ["words", "a/b/c", "", "/owner/name", None, Path("a/b")])
    def test_what_is_no_name(self, hub: hub_stand_in.Hub, vectors: KeyedVectors, name: Any) -> None:
        vectors.vectors[0, 0] = np.nan  # which is said only of vectors that would be uploaded
        with pytest.raises(ParameterError, match="give 'owner/name'"):
            vectors.push_to_hub(name, token=WRITES)
        assert hub.requests == []

    def test_a_name_that_the_hub_forbids(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors
    ) -> None:
        for call in (vectors.push_to_hub, KeyedVectors.from_pretrained):
            with pytest.raises(ParameterError, match="does not accept this"):
                call("owner/a--b")

    def test_vectors_that_cannot_be_saved_make_no_model(self, hub: hub_stand_in.Hub) -> None:
        kv = KeyedVectors(1)
        kv.add_vectors(["a"], [[np.nan]], allow_nonfinite=True)
        with pytest.raises(ParameterError, match="allow_nonfinite"):
            kv.push_to_hub(NAME, token=WRITES)
        assert hub.requests == []

    def test_folders_of_this_machine_come_first(
        self,
        hub: hub_stand_in.Hub,
        vectors: KeyedVectors,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        vectors.subset(["cat"]).save_pretrained(NAME)
        assert KeyedVectors.from_pretrained(NAME).index_to_key == ["cat"]
        with pytest.raises(ParameterError, match="revision='main' is for models on the Hugging"):
            KeyedVectors.from_pretrained(NAME, revision="main")
        for path in ("./owner/none", Path("owner/none")):
            with pytest.raises(MissingFileError, match="no such folder"):
                KeyedVectors.from_pretrained(path)
        assert hub.requests == []

    def test_downloads_that_cannot_be_stored(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors, tmp_path: Path
    ) -> None:
        vectors.push_to_hub(NAME, token=WRITES)
        (tmp_path / "file").write_text("mine")
        with pytest.raises(HubError, match="cannot be stored at"):
            KeyedVectors.from_pretrained(NAME, cache_dir=tmp_path / "file")
        with pytest.raises(InputTypeError, match="where the path of a file is needed"):
            KeyedVectors.from_pretrained(NAME, cache_dir=5)
        assert (tmp_path / "file").read_text() == "mine"

    def test_what_is_no_revision(self, hub: hub_stand_in.Hub) -> None:
        with pytest.raises(InputTypeError, match="revision is 3"):
            KeyedVectors.from_pretrained(NAME, revision=3)


class TestFilesOfOthers:
    def put(self, hub: hub_stand_in.Hub, **content: bytes) -> None:
        hub.models[NAME] = hub_stand_in.Model(private=False)
        named = {name.replace("_", "."): value for name, value in content.items()}
        hub.models[NAME].commit("main", named, "by others")

    def test_a_file_is_missing(self, hub: hub_stand_in.Hub) -> None:
        tensors = save({"embeddings": np.ones((1, 2), dtype=np.float32)})
        self.put(hub, model_safetensors=tensors)
        with pytest.raises(MissingFileError, match=r"'owner/words': the model has no tokenizer"):
            KeyedVectors.from_pretrained(NAME)
        self.put(hub, notes_txt=b"")
        with pytest.raises(MissingFileError, match=r"no tokenizer.json and no model.safetensors"):
            KeyedVectors.from_pretrained(NAME)

    def test_another_tensor(self, hub: hub_stand_in.Hub) -> None:
        tensors = save({"weight": np.ones((1, 2), dtype=np.float32)})
        tokenizer = b'{"model": {"vocab": {"a": 0}}}'
        self.put(hub, model_safetensors=tensors, tokenizer_json=tokenizer)
        with pytest.raises(ModelFileError, match="there is no tensor 'embeddings'"):
            KeyedVectors.from_pretrained(NAME)

    def test_no_code_is_run(self, hub: hub_stand_in.Hub, tmp_path: Path) -> None:
        class Malicious:
            def __reduce__(self) -> tuple[Any, ...]:
                return os.mkdir, (str(tmp_path / "was here"),)

        bad = pickle.dumps(Malicious())
        self.put(hub, tokenizer_json=b'{"model": {"vocab": {"a": 0}}}', model_safetensors=bad)
        with pytest.raises(ModelFileError):
            KeyedVectors.from_pretrained(NAME)
        self.put(hub, word2vec_safetensors=bad)
        with pytest.raises(ModelFileError):
            Word2Vec.from_pretrained(NAME)
        assert list(tmp_path.iterdir()) == []


class TestConnections:
    def test_a_download_that_breaks_off_goes_on(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("time.sleep", lambda seconds: None)  # before it tries again
        monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 50)
        vectors.push_to_hub(NAME, token=WRITES)
        hub.broken = [100]
        with suppress(HubError):  # before huggingface_hub 2, the next call goes on
            KeyedVectors.from_pretrained(NAME)
        np.testing.assert_array_equal(KeyedVectors.from_pretrained(NAME).vectors, vectors.vectors)
        assert [asked for _, _, asked in hub.requests if asked] == ["bytes=100-"]

    def test_a_download_that_does_not_end(
        self, hub: hub_stand_in.Hub, vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        vectors.push_to_hub(NAME, token=WRITES)
        hub.broken = [100] * 20
        with pytest.raises(HubError, match=r"no complete answer .*try again") as caught:
            KeyedVectors.from_pretrained(NAME)
        assert caught.value.filename == NAME
        hub.broken = []
        np.testing.assert_array_equal(KeyedVectors.from_pretrained(NAME).vectors, vectors.vectors)


def test_without_a_network(vectors: KeyedVectors, tmp_path: Path) -> None:
    with ExitStack() as stack:
        with hub_stand_in.running() as hub:
            stack.enter_context(hub_stand_in.client(hub, tmp_path))
            vectors.push_to_hub(NAME, token=WRITES)
            KeyedVectors.from_pretrained(NAME)
        # the server is gone
        assert len(KeyedVectors.from_pretrained(NAME)) == 3
        for call in (KeyedVectors.from_pretrained, vectors.push_to_hub):
            with pytest.raises(
                HubError, match=r"no complete answer .*Is there a network"
            ) as caught:
                call("owner/other")
            assert caught.value.errno == errno.ENETUNREACH


def test_the_network_is_forbidden(vectors: KeyedVectors, tmp_path: Path) -> None:
    with hub_stand_in.running() as hub:
        with hub_stand_in.client(hub, tmp_path):
            vectors.push_to_hub(NAME, token=WRITES)
            KeyedVectors.from_pretrained(NAME)
        hub.requests.clear()
        with hub_stand_in.client(hub, tmp_path, offline=True):
            assert len(KeyedVectors.from_pretrained(NAME)) == 3
            for call in (KeyedVectors.from_pretrained, vectors.push_to_hub):
                with pytest.raises(HubError, match="HF_HUB_OFFLINE forbids"):
                    call("owner/other")
        assert hub.requests == []


def test_half_a_download_is_not_taken_for_a_model(
    vectors: KeyedVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with hub_stand_in.running() as hub, hub_stand_in.client(hub, tmp_path):
        vectors.push_to_hub(NAME, token=WRITES)
        hub.broken = [100] * 20
        with pytest.raises(HubError):
            KeyedVectors.from_pretrained(NAME)
    assert list(tmp_path.rglob("tokenizer.json"))
    said = r"OFFLINE|no model\.safetensors"  # the client looks for itself since version 2
    with (
        hub_stand_in.client(hub, tmp_path, offline=True),
        pytest.raises((HubError, MissingFileError), match=said),
    ):
        KeyedVectors.from_pretrained(NAME)
