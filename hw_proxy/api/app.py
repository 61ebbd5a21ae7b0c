"""The ASGI application: routes inside, security around them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from hw_proxy.api import routes
from hw_proxy.api.security import Security
from hw_proxy.config import Config
from hw_proxy.errors import Refusal
from hw_proxy.terminal import Terminal

logger = logging.getLogger(__name__)


def build(config: Config, current: Callable[[], Terminal | None], *more: APIRouter) -> Security:
    """The application.

    :param current: the paired terminal, or none while there is no pairing.
    :param more: routes beside those of ``/v1``.
    """
    app = FastAPI(title="hw_proxy", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for router in (routes.build(current), *more):
        app.include_router(router)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _unexpected)
    return Security(app, config, current)


def _json(refusal: Refusal, status: int | None = None) -> JSONResponse:
    return JSONResponse(refusal.as_dict(), status or refusal.status)


async def _refused(_request: Request, error: Refusal) -> JSONResponse:
    return _json(error)


async def _malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
    fields = sorted({str(item["loc"][-1]) for item in error.errors()})
    return _json(Refusal("P-104", fields=fields))


async def _no_route(_request: Request, error: HTTPException) -> JSONResponse:
    return _json(Refusal("P-104"), error.status_code)


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    # The boundary: whatever went wrong inside, the page gets a code and the log gets the reason.
    logger.error("a request failed", exc_info=error)
    return _json(Refusal("P-114"))
