"""What goes over the wire: the resources as we publish them, answers, errors, and who may ask (RFC 7643, RFC 7644).

Of what a provider sends we publish, keep and answer the few attributes that Tandem has a use for, and ignore others.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Annotated, Any, ClassVar, TypeVar

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, TypeAdapter, ValidationError
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Context,
    Error,
    Group,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    ListResponse,
    Mutability,
    PatchOp,
    Reference,
    Required,
    Resource,
    SCIMException,
    ScimPolicy,
    SearchRequest,
    Uniqueness,
)
from scim2_models.resources.user import GroupMembership

from api.access import Caller, With, provisioner
from api.payload_limits import storable
from api.problems import Problem
from api.relations import in_office
from api.validation_messages import complaint_in_words
from domain.access.permissions import Permission
from domain.core.walk import walk
from store.provisioning import Wanted

R = TypeVar("R", bound=Resource[Any])

MEDIA_TYPE = "application/scim+json"
PREFIX = "/scim/v2"
MOST = 200
"""Resources on one page."""
LONGEST = 255
"""Characters of an id or a name of the provider's."""

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What we bear with: attributes we do not publish, and what Entra ID and Okta make of a PATCH."""


class Email(ComplexAttribute):
    """A mail address. Of several the primary one counts, else the first."""

    value: Annotated[str | None, Required.true] = None
    primary: bool | None = None


class User(Resource[Any]):
    """A user, as far as a provider says who they are."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    display_name: str | None = None
    active: bool | None = None
    emails: Annotated[list[Email] | None, Required.true] = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None

    Emails: ClassVar[type[ComplexAttribute]] = Email


class Member(ComplexAttribute):
    """Who is in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        default=None, serialization_alias="$ref", validation_alias="$ref"
    )

    @property
    def person(self) -> str | None:
        """Who it is, by their id or by where they are."""
        return self.value or (str(self.ref).rpartition("/")[2] if self.ref else None)


class UserGroup(Resource[Any]):
    """A group, with its members."""

    __schema__ = Group.__schema__

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    members: list[Member] | None = None

    Members: ClassVar[type[ComplexAttribute]] = Member


def allowed(by: Annotated[Caller, Depends(provisioner)]) -> Caller:
    """The provider's provisioning, by its own token. Raises Refused for any other."""
    in_office(by, Permission.PROVISION)
    return by


AsProvider = Annotated[Caller, Depends(allowed)]


async def read(request: Request) -> Any:
    """A body as JSON. Raises SCIMException for what is none, or cannot be kept."""
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidSyntaxException(detail="The body is not JSON.") from None
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body is not a JSON object.")
    try:
        texts = [one for one in walk(body) if isinstance(one, str)]
    except RecursionError:
        raise InvalidSyntaxException(detail="The body is nested too deeply.") from None
    if not all(map(storable, texts)):
        raise InvalidValueException(detail="There is a character in this that cannot be kept.")
    return body


def resource(body: Any, kind: type[R], context: Context) -> R:
    """A resource as it was sent. Raises ValidationError."""
    return kind.model_validate(body, scim_ctx=context, scim_policy=POLICY)


async def patch_of(request: Request, kind: type[R]) -> PatchOp[R]:
    """What is to be changed of a resource. Raises SCIMException and ValidationError."""
    sent = await read(request)
    asked: PatchOp[R] = PatchOp[kind].model_validate(  # type: ignore[valid-type]
        sent, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )
    return asked


def fit(kind: TypeAdapter[str], value: str | None, attribute: str) -> str:
    """A value as Tandem can keep it. Raises SCIMException, which says of which attribute it is."""
    try:
        return kind.validate_python(value)
    except ValidationError as unfit:
        raise InvalidValueException(detail=f"{attribute}: {complaint_in_words(unfit.errors()[0])}.") from None


def named(value: str | None, attribute: str) -> str:
    """A name of the provider's own. Raises SCIMException where it is empty, too long, or more than a line."""
    if not value or len(value) > LONGEST or not value.isprintable() or not value.strip():
        raise InvalidValueException(detail=f"{attribute}: one line of at most {LONGEST} characters.")
    return value


def search(request: Request, kind: type[R]) -> SearchRequest[R]:
    """What a query asks for. Raises SCIMException and ValidationError."""
    asked = {name: value for name, value in request.query_params.items() if name != "sortBy"}
    found: SearchRequest[R] = SearchRequest[kind].model_validate(asked, scim_policy=POLICY)  # type: ignore[valid-type]
    return found


def page(asked: SearchRequest[R], by: Mapping[str, str]) -> Wanted:
    """Which rows that is: `by` says which attributes a filter may ask for, and how a store calls each.

    Raises SCIMException for any other filter.
    """
    after, most = asked.start_index_0 or 0, MOST if asked.count is None else min(asked.count, MOST)
    if asked.filter is None:
        return Wanted(after=min(after, 2**31), most=most)
    node = asked.filter.ast
    name = str(getattr(getattr(node, "attr_path", None), "attr", "")).lower()
    value = getattr(node, "value", None)
    if str(getattr(node, "op", "")) != "eq" or name not in by or not isinstance(value, str):
        known = " or ".join(f'{one} eq "…"' for one in by)
        raise InvalidFilterException(detail=f"A filter is {known}.")
    return Wanted(by[name], value if storable(value) else "\N{REPLACEMENT CHARACTER}", min(after, 2**31), most)  # type: ignore[arg-type]


def answer(
    told: Resource[Any], context: Context, at: With, request: Request | None = None, status: int = 200
) -> Response:
    """A resource as it is sent; with the attributes that the request asks for, where there is one."""
    parameters = search(request, type(told)) if request is not None else None
    body = told.model_dump(scim_ctx=context, response_parameters=parameters, scim_policy=POLICY)
    where = str(told.meta.location) if told.meta else ""
    headers = {"Location" if status == 201 else "Content-Location": where} if where else {}
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def listed(found: list[R], total: int, kind: type[R], asked: SearchRequest[R], wanted: Wanted) -> Response:
    """A page of resources as it is sent."""
    told = ListResponse[kind](  # type: ignore[valid-type]
        total_results=total, start_index=wanted.after + 1, items_per_page=len(found), resources=found
    )
    body = told.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked, scim_policy=POLICY)
    return JSONResponse(body, media_type=MEDIA_TYPE)


def failed(error: Error, headers: Mapping[str, str] | None = None) -> Response:
    """An error as it is sent."""
    return JSONResponse(error.model_dump(), error.status or 400, headers, media_type=MEDIA_TYPE)


def of_problem(problem: Problem) -> Error:
    """What Tandem refuses, as SCIM says it."""
    sentence = f"{problem.detail} {problem.accepted}" if problem.accepted else problem.detail
    if problem.status == 422:
        return Error(status=400, scim_type="invalidValue", detail=sentence)
    return Error(status=problem.status, detail=sentence)


def of_exception(error: SCIMException | ValidationError) -> Error:
    """What the library refuses; of several things the first."""
    return error.to_error() if isinstance(error, SCIMException) else Error.from_validation_errors(error)[0]
