"""A stand-in for the Hugging Face Hub on this machine: the endpoints that its client calls.

It keeps models in memory, as commits of files; files that end in .safetensors are stored as LFS
objects. Answers have the status, headers and error codes that are documented for the Hub.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

HOSTS = ("127.0.0.1", "localhost")
#: Licences that the Hub knows, as far as tests need them.
LICENCES = {"mit", "apache-2.0", "cc-by-sa-4.0"}


class Model:
    """A model on the Hub: its branches, and the files of each commit."""

    def __init__(self, *, private: bool, gated: bool = False) -> None:
        self.private, self.gated = private, gated
        self.commits: dict[str, dict[str, bytes]] = {}
        self.messages: list[str] = []
        self.branches: dict[str, str] = {}
        self.commit("main", {".gitattributes": b""}, "initial commit")

    def commit(self, branch: str, files: dict[str, bytes], message: str) -> str:
        files = {**self.commits.get(self.branches.get(branch, ""), {}), **files}
        self.messages.append(message)
        number = hashlib.sha1(repr((self.messages, files)).encode()).hexdigest()
        self.commits[number] = files
        self.branches[branch] = number
        return number

    def files(self, revision: str) -> dict[str, bytes] | None:
        return self.commits.get(self.branches.get(revision, revision))


class Hub:
    """What the server knows.

    Attributes
    ----------
    address
        For HF_ENDPOINT.
    models
        By name.
    tokens
        Who a token belongs to, and whether it may write.
    objects
        LFS objects by the hash of their content.
    requests
        Method, path and Range header of every request.
    connections
        To clients.
    broken
        Sizes after which the next answers with an LFS object break off.
    """

    def __init__(self) -> None:
        self.address = ""
        self.models: dict[str, Model] = {}
        self.tokens = {"hf_writes": ("owner", True), "hf_reads": ("owner", False)}
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, str | None]] = []
        self.connections: list[socket.socket] = []
        self.broken: list[int] = []

    def clear(self) -> None:
        for state in (self.models, self.objects, self.requests, self.broken):
            state.clear()


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def setup(self) -> None:
        super().setup()
        self.hub.connections.append(self.connection)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""

    def answer(self, status: int, body: Any = b"", headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path, self.headers.get("Range")))
        try:
            for pattern, method, verbs in ROUTES:
                found = re.fullmatch(pattern, path)
                if found and self.command in verbs:
                    return method(self, *found.groups())
            raise Refused(404, None, f"no endpoint {self.command} {path}")
        except Refused as refused:
            headers = {"X-Error-Message": refused.message}
            if refused.code:
                headers["X-Error-Code"] = refused.code
            self.answer(refused.status, {"error": refused.message}, headers)

    do_GET = do_HEAD = do_POST = do_PUT = serve

    # who asks

    def user(self) -> tuple[str | None, bool]:
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not token:
            return None, False
        if token not in self.hub.tokens:
            raise Refused(401, None, "Invalid credentials in Authorization header")
        return self.hub.tokens[token]

    def model(self, name: str, *, write: bool = False) -> Model:
        user, may_write = self.user()
        model = self.hub.models.get(name)
        if model is None or (model.private and user != name.partition("/")[0]):
            if user is None:
                raise Refused(401, "RepoNotFound", "Invalid username or password.")
            raise Refused(404, "RepoNotFound", "Repository not found")
        if model.gated:
            raise Refused(403, "GatedRepo", f"Access to model {name} is restricted")
        if write and user is None:
            raise Refused(401, None, "Invalid username or password.")
        if write and not (may_write and user == name.partition("/")[0]):
            raise Refused(403, None, "Forbidden: pass `create_pr=1` as a query parameter")
        return model

    def files(self, name: str, revision: str) -> tuple[str, dict[str, bytes]]:
        model = self.model(name)
        files = model.files(revision)
        if files is None:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return model.branches.get(revision, revision), files

    # writing

    def create(self) -> None:
        asked = json.loads(self.body)
        user, may_write = self.user()
        if user is None:
            raise Refused(401, None, "Invalid username or password.")
        owner = asked.get("organization") or user
        if owner != user or not may_write:
            raise Refused(403, None, f"no rights to create a model under the namespace {owner}")
        name = f"{owner}/{asked['name']}"
        url = {"url": f"{self.hub.address}/{name}"}
        if name in self.hub.models:
            return self.answer(409, {"error": "You already created this model repo", **url})
        # how the client says it depends on its version
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        self.hub.models[name] = Model(private=private)
        return self.answer(200, url)

    def create_branch(self, name: str, branch: str) -> None:
        model = self.model(name, write=True)
        if branch in model.branches:
            raise Refused(409, None, "Reference already exists")
        model.branches[branch] = model.branches["main"]
        self.answer(201)

    def validate(self) -> None:
        card = json.loads(self.body)["content"]
        licence = re.search(r'^license: "(.*)"$', card, re.MULTILINE)
        if licence and licence[1] not in LICENCES:
            errors = [{"message": '"license" must be one of [...]'}]
            return self.answer(400, {"errors": errors, "warnings": []})
        return self.answer(200, {"errors": [], "warnings": []})

    def preupload(self, name: str, revision: str) -> None:
        proposal = "create_pr=1" in self.path
        self.model(name, write=not proposal)
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for file in json.loads(self.body)["files"]
        ]
        self.answer(200, {"files": files})

    def batch(self, name: str) -> None:
        objects = []
        for asked in json.loads(self.body)["objects"]:
            actions = {
                "upload": {"href": f"{self.hub.address}/objects/{asked['oid']}"},
                "verify": {"href": f"{self.hub.address}/verify"},
            }
            known = asked["oid"] in self.hub.objects
            objects.append(asked if known else {**asked, "actions": actions})
        self.answer(200, {"transfer": "basic", "objects": objects})

    def put_object(self, oid: str) -> None:
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise Refused(400, None, "the content does not have this hash")
        self.hub.objects[oid] = self.body
        self.answer(200)

    def verify(self) -> None:
        asked = json.loads(self.body)
        if len(self.hub.objects.get(asked["oid"], b"")) != asked["size"]:
            raise Refused(404, None, "no such object")
        self.answer(200)

    def commit(self, name: str, revision: str) -> None:
        proposal = "create_pr=1" in self.path
        model = self.model(name, write=not proposal)
        if revision not in model.branches:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        files, message = {}, ""
        for line in self.body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "header":
                message = value["summary"]
            elif entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.objects[value["oid"]]
        branch = "refs/pr/1" if proposal else revision
        number = model.commit(branch, files, message)
        done = {"success": True, "commitOid": number}
        done["commitUrl"] = f"{self.hub.address}/{name}/commit/{number}"
        if proposal:
            done["pullRequestUrl"] = f"{self.hub.address}/{name}/discussions/1"
        self.answer(200, done)

    # reading

    def info(self, name: str, revision: str | None) -> None:
        number, files = self.files(name, revision or "main")
        siblings = [{"rfilename": path} for path in files]
        self.answer(200, {"id": name, "modelId": name, "sha": number, "siblings": siblings})

    def tree(self, name: str, revision: str) -> None:
        _, files = self.files(name, revision)
        entries = []
        for path, content in files.items():
            oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            entry = {"type": "file", "path": path, "size": len(content), "oid": oid}
            if path.endswith(".safetensors"):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
            entries.append(entry)
        self.answer(200, entries)

    def resolve(self, name: str, revision: str, path: str) -> None:
        number, files = self.files(name, revision)
        headers = {"X-Repo-Commit": number}
        if path not in files:
            raise Refused(404, "EntryNotFound", "Entry not found")
        content = files[path]
        if path.endswith(".safetensors"):
            oid = hashlib.sha256(content).hexdigest()
            self.hub.objects[oid] = content
            headers["X-Linked-Etag"] = f'"{oid}"'
            headers["X-Linked-Size"] = str(len(content))
            # another host, as the client does not send its token there
            headers["Location"] = f"{self.hub.address}/objects/{oid}".replace(*HOSTS)
            return self.answer(302, b"", headers)
        headers["ETag"] = f'"{hashlib.sha1(content).hexdigest()}"'
        return self.answer(200, content, headers)

    def get_object(self, oid: str) -> None:
        content = self.hub.objects[oid]
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        first = int(asked[1]) if asked else 0
        headers = {"ETag": f'"{oid}"'}
        if asked:
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        if self.command == "GET" and self.hub.broken:
            end = self.hub.broken.pop(0)
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - first))
            self.end_headers()
            self.wfile.write(content[first:end])
            self.wfile.flush()
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        return self.answer(206 if asked else 200, content[first:], headers)


_NAME = r"([^/]+/[^/]+)"
ROUTES: list[tuple[str, Any, set[str]]] = [
    ("/api/repos/create", Handler.create, {"POST"}),
    ("/api/validate-yaml", Handler.validate, {"POST"}),
    (f"/api/models/{_NAME}/branch/(.+)", Handler.create_branch, {"POST"}),
    (f"/api/models/{_NAME}/preupload/(.+)", Handler.preupload, {"POST"}),
    (f"/api/models/{_NAME}/commit/(.+)", Handler.commit, {"POST"}),
    (f"/{_NAME}.git/info/lfs/objects/batch", Handler.batch, {"POST"}),
    ("/verify", Handler.verify, {"POST"}),
    ("/objects/(.+)", Handler.put_object, {"PUT"}),
    ("/objects/(.+)", Handler.get_object, {"GET", "HEAD"}),
    (f"/api/models/{_NAME}/tree/(.+)", Handler.tree, {"GET"}),
    (f"/api/models/{_NAME}(?:/revision/(.+))?", Handler.info, {"GET"}),
    (f"/{_NAME}/resolve/([^/]+)/(.+)", Handler.resolve, {"GET", "HEAD"}),
]


@contextmanager
def running() -> Iterator[Hub]:
    """A hub that answers until the block is left."""
    hub = Hub()
    handler = type("HubHandler", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        for connection in hub.connections:
            with suppress(OSError):  # the client has closed it
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def client(hub: Hub, home: Path, *, offline: bool = False) -> Iterator[None]:
    """huggingface_hub, imported anew, for a user of this hub whose downloads are in `home`.

    It reads the environment when it is imported.
    """
    settings = {
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": str(int(offline)),
        "NO_PROXY": ",".join(HOSTS),
        "no_proxy": ",".join(HOSTS),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE"):
            patch.delenv(name, raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        for name in _client_modules():
            patch.delitem(sys.modules, name)
        try:
            yield
        finally:
            _close_connections()
            for name in _client_modules():
                del sys.modules[name]


def _client_modules() -> list[str]:
    packages = ("huggingface_hub", "model2vec")
    return [name for name in sys.modules if name.partition(".")[0] in packages]


def _close_connections() -> None:
    utils = sys.modules.get("huggingface_hub.utils")
    # its name until huggingface_hub 1.0, and since
    close = getattr(utils, "close_session", None) or getattr(utils, "reset_sessions", None)
    if close is not None:
        close()
