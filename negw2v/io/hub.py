"""Models on the Hugging Face Hub: their names, download and upload.

The package huggingface_hub does the work, with its own cache and its own tokens. What it raises
becomes an exception of ours here.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from negw2v.errors import (
    FilePath,
    HubError,
    InputTypeError,
    MissingFileError,
    NegW2VError,
    ParameterError,
)
from negw2v.extras import needed
from negw2v.io.paths import file_status, is_folder, path_text

__all__ = ["check_upload", "local_folder", "upload"]

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)

LOGIN = "give token=, set HF_TOKEN, or run `hf auth login`"


def local_folder(
    place: FilePath,
    layouts: Sequence[Sequence[str]],
    purpose: str,
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: FilePath | None = None,
) -> Path:
    """The folder of a model: `place` itself, or where its files were downloaded to.

    Parameters
    ----------
    place
        A folder on this machine; or a str ``owner/name`` that is none: the name of a model on the
        Hub.
    layouts
        The files that are needed, as paths in the folder; several sets, if any of them will do.
    purpose
        What is in them, for the error where they are missing.
    revision
        A branch, tag or commit of the model on the Hub; None: its branch main.
    token
        For private models; None: the one that is stored on this machine, if there is one; False:
        none.
    cache_dir
        Where downloads are kept; None: huggingface_hub's folder.

    Raises
    ------
    MissingFileError
        There is no such folder, model or revision, or files are missing in it.
    HubError
        The Hub cannot be reached, or refuses; or the download broke off.
    MissingDependencyError
        huggingface_hub is not installed.
    InputTypeError
        `revision` is no str.
    ParameterError
        `revision` for a folder; or a name that the Hub does not allow.
    """
    _check_revision(revision)
    if _is_name(place) and file_status(place) is None:
        folder, what = _downloaded(str(place), layouts, revision, token, cache_dir), "model"
    else:
        folder, what = _checked_folder(place, revision), "folder"
    lacking = [
        [file for file in layout if file_status(folder / file) is None] for layout in layouts
    ]
    if all(lacking):
        reason = f"the {what} has no {' and no '.join(lacking[0])}: {purpose}"
        raise MissingFileError(place, reason)
    return folder


def _check_revision(revision: Any) -> None:
    if not isinstance(revision, (str, type(None))):
        raise InputTypeError(f"revision is {revision!r}; it must be a str, such as 'main', or None")


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _checked_folder(place: FilePath, revision: str | None) -> Path:
    """A path on this machine, if it leads to a folder."""
    if revision is not None:
        raise ParameterError(
            f"revision={revision!r} is for models on the Hugging Face Hub, 'owner/name'; "
            f"{path_text(place)!r} is a path on this machine"
        )
    folder = Path(path_text(place))
    if file_status(folder) is None:
        raise MissingFileError(
            place,
            "there is no such folder; models on the Hugging Face Hub are given as 'owner/name'",
        )
    if not is_folder(folder):
        raise MissingFileError(place, "this is a file; give the folder, or use load()")
    return folder


def _downloaded(
    name: str,
    layouts: Sequence[Sequence[str]],
    revision: str | None,
    token: str | bool | None,
    cache_dir: FilePath | None,
) -> Path:
    """The folder of the cache that has the files, or those of them that there are."""
    with needed(
        f"{name!r} is no folder here, and to read it from the Hugging Face Hub", "huggingface_hub"
    ):
        import huggingface_hub
    with _reporting(name, revision):
        return Path(
            huggingface_hub.snapshot_download(
                name,
                revision=revision,
                token=token,
                cache_dir=None if cache_dir is None else path_text(cache_dir),
                allow_patterns=[file for layout in layouts for file in layout],
            )
        )


def check_upload(name: str) -> None:
    """Raise where :func:`upload` could not begin, before anything is written for it.

    Parameters
    ----------
    name
        ``owner/name``.

    Raises
    ------
    ParameterError
        It is something else.
    MissingDependencyError
        huggingface_hub is not installed.
    """
    if not _is_name(name):
        raise ParameterError(f"{name!r} is no name on the Hugging Face Hub; give 'owner/name'")
    with needed("push_to_hub()", "huggingface_hub"):
        import huggingface_hub  # noqa: F401 - whether it can be imported


def upload(
    name: str,
    folder: Path,
    files: Sequence[str],
    *,
    message: str,
    revision: str | None = None,
    create_pr: bool = False,
    private: bool | None = None,
    token: str | bool | None = None,
) -> str:
    """Upload files of a folder to a model on the Hub, in one commit.

    Parameters
    ----------
    name
        ``owner/name``; the model is made where there is none.
    folder
        Where the files are.
    files
        Their names.
    message
        What the commit says.
    revision
        The branch, which is made where there is none; None: main.
    create_pr
        Propose the commit as a pull request, which somebody may accept later.
    private
        Whether a model that is made is private; None: as its owner has set it.
    token
        As for :func:`local_folder`; it must allow to write.

    Returns
    -------
    str
        The address of the commit, or of the pull request.

    Raises
    ------
    HubError
        The Hub cannot be reached, or refuses.
    MissingDependencyError, ParameterError
        As for :func:`check_upload`; or the Hub does not accept the metadata of README.md.
    InputTypeError
        `revision` is no str.
    """
    check_upload(name)
    _check_revision(revision)
    import huggingface_hub

    with _reporting(name, revision):
        api = huggingface_hub.HfApi(token=token)
        api.create_repo(name, private=private, exist_ok=True)
        if revision is not None and not create_pr:
            api.create_branch(name, branch=revision, exist_ok=True)
        # upload_folder() may make several commits of one folder
        done = api.create_commit(
            name,
            [huggingface_hub.CommitOperationAdd(file, str(folder / file)) for file in files],
            commit_message=message,
            revision=revision,
            create_pr=create_pr,
        )
    return str(done.pr_url or done.commit_url)


@contextmanager
def _reporting(name: str, revision: str | None) -> Iterator[None]:
    """Turn what huggingface_hub raises into errors of ours."""
    from huggingface_hub import errors

    # The base of all exceptions of the HTTP library, which is another one in each major version.
    transport: Any = errors.HfHubHTTPError.__bases__[0]
    try:
        yield
    except (transport, OSError, ValueError, RuntimeError) as error:
        raise _translated(errors, name, revision, error) from error


def _translated(errors: Any, name: str, revision: str | None, error: BaseException) -> NegW2VError:
    """The error of ours for one of huggingface_hub's."""
    cause = error.__cause__
    if isinstance(error, (errors.LocalEntryNotFoundError, RuntimeError)) and cause is not None:
        return _translated(errors, name, revision, cause)  # these say only where it happened
    named = _named(errors, name, revision, error)
    if named is not None:
        return named
    response = getattr(error, "response", None)
    if response is not None:
        return _refusal(name, response.status_code, _first_line(error))
    if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError):
        return ParameterError(f"{name!r}: huggingface_hub does not accept this: {error}")
    if isinstance(error, errors.OfflineModeIsEnabled):
        return HubError(
            name,
            "it is not in the cache, and HF_HUB_OFFLINE forbids using the network",
            errno.ENETUNREACH,
        )
    if isinstance(error, OSError) and error.errno and error.filename:
        reason = f"its files cannot be stored at {error.filename!r}: {error.strerror}"
        return HubError(name, reason, error.errno)
    return HubError(
        name,
        f"no complete answer from the Hugging Face Hub: {_first_line(error)}. Is there a network, "
        "or is HF_ENDPOINT set to another address? What has arrived is kept: try again",
        errno.ENETUNREACH,
    )


def _named(
    errors: Any, name: str, revision: str | None, error: BaseException
) -> NegW2VError | None:
    """The error of ours for an answer of the Hub that has a name of its own."""
    if isinstance(error, errors.RevisionNotFoundError):
        return MissingFileError(
            name,
            f"the model has no revision {revision or 'main'!r} on the Hugging Face Hub; give a "
            "branch, a tag or a commit that its page lists",
        )
    if isinstance(error, errors.GatedRepoError):
        return HubError(
            name,
            f"its owner grants access on request: ask for it on the model's page, and {LOGIN}",
            errno.EACCES,
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return MissingFileError(
            name,
            "there is no such folder here, and no such model on the Hugging Face Hub, or it is "
            f"private. Look at the spelling; for a private model, {LOGIN}",
        )
    return None


def _refusal(name: str, status: int, said: str) -> HubError:
    """The error for an answer that is none of those with a name."""
    if status == 401:
        return HubError(name, f"the Hugging Face Hub wants a valid token: {LOGIN}", errno.EACCES)
    if status == 403:
        owner = name.partition("/")[0]
        return HubError(
            name,
            f"the token lacks a right that this needs for models of {owner!r}: {said}",
            errno.EACCES,
        )
    return HubError(
        name, f"the Hugging Face Hub answered with error {status}: {said}; try again later"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
