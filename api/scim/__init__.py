"""SCIM 2.0: the company's provider says who works here, and which groups they are in (RFC 7642, 7643, 7644).

An application of its own beside the API's, because it answers in SCIM's form. It is asked with a token of its own kind,
which opens nothing else.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    Error,
    ETag,
    Filter,
    ForbiddenException,
    Meta,
    NotFoundException,
    NotImplementedException,
    Patch,
    Resource,
    ResourceType,
    Schema,
    SCIMException,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    Sort,
)
from starlette.exceptions import HTTPException

from api.access import With, needs
from api.problems import OUT_OF_REACH, Refused, noted, out_of_reach_of, put_on_record
from api.scim import groups, users
from api.scim.wire import MOST, PREFIX, AsProvider, User, UserGroup, answer, failed, listed, of_exception, of_problem
from domain.access.permissions import Permission
from store.provisioning import Wanted

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=False),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Token",
            description="A token for provisioning, which an administrator of Tandem makes.",
            primary=True,
        )
    ],
)

PROVIDER = ScimProvider([User, UserGroup], config=CONFIG)


def create_scim() -> FastAPI:
    """The application. Whoever mounts it gives it its services (`state.services`) and limits."""
    scim = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for room in (users, groups):
        scim.include_router(room.routes)

    @scim.get("/ServiceProviderConfig")
    @needs(Permission.PROVISION)
    async def config(by: AsProvider, at: With) -> Response:
        """What of SCIM there is here."""
        meta = _meta("ServiceProviderConfig", "/ServiceProviderConfig", at)
        return answer(CONFIG.model_copy(update={"meta": meta}), Context.RESOURCE_QUERY_RESPONSE, at)

    @scim.get("/ResourceTypes")
    @needs(Permission.PROVISION)
    async def resource_types(request: Request, by: AsProvider, at: With) -> Response:
        """The kinds of resources."""
        return _described(request, ResourceType, [_resource_type(one, at) for one in PROVIDER.resource_types])

    @scim.get("/ResourceTypes/{id}")
    @needs(Permission.PROVISION)
    async def resource_type(id: str, by: AsProvider, at: With) -> Response:
        """One kind of resources."""
        return answer(
            _one([_resource_type(one, at) for one in PROVIDER.resource_types], id),
            Context.RESOURCE_QUERY_RESPONSE,
            at,
        )

    @scim.get("/Schemas")
    @needs(Permission.PROVISION)
    async def schemas(request: Request, by: AsProvider, at: With) -> Response:
        """What each kind of resource has."""
        return _described(request, Schema, [_schema(one, at) for one in PROVIDER.schemas])

    @scim.get("/Schemas/{id}")
    @needs(Permission.PROVISION)
    async def schema(id: str, by: AsProvider, at: With) -> Response:
        """What one kind of resource has."""
        return answer(_one([_schema(one, at) for one in PROVIDER.schemas], id), Context.RESOURCE_QUERY_RESPONSE, at)

    @scim.post("/.search")
    @needs(Permission.PROVISION)
    async def search_everything(by: AsProvider) -> Response:
        """Users and groups are searched apart from each other (RFC 7644, 3.4.3)."""
        raise NotImplementedException(detail="Users and groups are searched apart: GET /Users, GET /Groups.")

    @scim.exception_handler(SCIMException)
    @scim.exception_handler(ValidationError)
    async def unfit(request: Request, error: Any) -> Response:
        return failed(of_exception(error))

    @scim.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        put_on_record(request, error)
        return failed(of_problem(error.problem), error.headers)

    @scim.exception_handler(RequestValidationError)
    async def invalid(_request: Request, _error: RequestValidationError) -> Response:
        return failed(Error(status=400, scim_type="invalidValue", detail="This is not what is asked for here."))

    @scim.exception_handler(HTTPException)
    async def framework(_request: Request, error: HTTPException) -> Response:
        return failed(Error(status=error.status_code, detail=str(error.detail)), error.headers)

    async def out_of_reach(_request: Request, error: Exception) -> Response:
        away = out_of_reach_of(error)
        return failed(of_problem(away.problem), away.headers)

    for kind in OUT_OF_REACH:
        scim.add_exception_handler(kind, out_of_reach)

    @scim.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        return failed(of_problem(noted(request, error)))

    return scim


def _described(request: Request, kind: Any, found: list[Any]) -> Response:
    """A list of what describes us, which cannot be filtered (RFC 7644, 4). Raises SCIMException."""
    if "filter" in request.query_params:
        raise ForbiddenException(detail="What describes this service cannot be filtered.")
    return listed(found, len(found), kind, SearchRequest[kind](), Wanted())


def _one(found: list[Any], id: str) -> Resource[Any]:
    for one in found:
        if id in (one.id, getattr(one, "name", None)):
            known: Resource[Any] = one
            return known
    raise NotFoundException(detail="There is nothing of this name.")


def _resource_type(one: ResourceType, at: With) -> ResourceType:
    return one.model_copy(update={"meta": _meta("ResourceType", f"/ResourceTypes/{one.id or one.name}", at)})


def _schema(one: Schema, at: With) -> Schema:
    return one.model_copy(update={"meta": _meta("Schema", f"/Schemas/{one.id}", at)})


def _meta(kind: str, path: str, at: With) -> Meta:
    return Meta(resource_type=kind, location=f"{at.settings.base_url}{PREFIX}{path}")
