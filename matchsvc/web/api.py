"""The JSON API under ``/api/v1``: flask-smorest, with problem details as every error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

ROOT = "/api/v1"
View = TypeVar("View", bound=Callable[..., Any])


class ProblemErrorSchema(Schema):
    """One thing that is wrong with a request."""

    pointer = fields.String()
    code = fields.String()
    message = fields.String()


class ProblemSchema(Schema):
    """A problem (RFC 9457) as every error is answered."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemErrorSchema))


class Api(SmorestApi):  # type: ignore[misc]
    """flask-smorest with our errors: it documents them, web/problems.py answers them."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_RESPONSE_CONTENT_TYPE = "application/json"

    def _register_error_handlers(self) -> None:
        """Leave errors to web/problems.py, for pages and programs alike."""

    def _register_responses(self) -> None:
        # Errors are problem+json; without this the document would promise application/json.
        kept: str = type(self).DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        try:
            super()._register_responses()
        finally:
            self.DEFAULT_RESPONSE_CONTENT_TYPE = kept


class _Reads(FlaskParser):
    """Reads a request's JSON, and refuses also what the reader itself breaks on."""

    def _raw_load_json(self, req: Request) -> Any:
        try:
            return super()._raw_load_json(req)
        except (RecursionError, ValueError) as broken:
            # Lists in lists in lists, or a number of thousands of digits.
            raise BadRequest from broken


class _Operations(Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint, reading as we do."""

    ARGUMENTS_PARSER = _Reads()


def api_blueprint(name: str, path: str, description: str) -> Blueprint:
    """A blueprint of the API at ``/api/v1<path>``."""
    return _Operations(f"{name}_api", __name__, url_prefix=f"{ROOT}{path}", description=description)


def errors(api: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Document the errors that a route may answer with, all as problem details."""

    def decorate(view: View) -> View:
        for status in statuses:
            view = api.alt_response(
                status, schema=ProblemSchema, content_type="application/problem+json"
            )(view)
        return view

    return decorate


def init_app(app: Flask, version: str) -> Api:
    """Set the API up; blueprints are registered by app.py."""
    app.config.update(
        API_TITLE="matchsvc",
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=ROOT,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "Mapping, matching, placements and outcomes."},
            "security": [{"token": []}, {"cookie": []}],
            "components": {
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer"},
                    "cookie": {"type": "apiKey", "in": "cookie", "name": "matchsvc"},
                }
            },
        },
    )
    return Api(app)


def spec_of(app: Flask) -> dict[str, Any]:
    """The OpenAPI document."""
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return dict(api.spec.to_dict())
