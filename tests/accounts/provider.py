"""An OpenID provider on a port of its own, to be honest or to lie as a test asks."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "matchsvc", "a secret of the client"


class OwnProvider:
    """Answers over HTTP; checks PKCE, the client and that a code comes once.

    Attributes:
        claims: of whoever logs in.
        lie: changes claims before they are signed.
        sign: makes the token of claims; signs with the published key unless a test says otherwise.
        asked: parameters of the last authorization request.
        redeemed: how often a token was asked for.
        endless: the path that it answers without end; None for none.
    """

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.claims = {}
        self.lie = dict
        self.sign = self.honestly
        self.asked, self.redeemed, self.extra = {}, 0, {}
        self.codes, self.endless, self.sent = {}, None, 0
        self.server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def honestly(self, claims):
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def _app(self):
        app = Flask("provider")

        @app.before_request
        def go_on_for_ever():
            def pieces():
                while self.sent < 64 * 1024 * 1024:
                    self.sent += 16 * 1024
                    yield b" " * 16 * 1024

            if request.path != self.endless:
                return None
            return Response(pieces(), content_type="application/json")

        @app.get("/.well-known/openid-configuration")
        def describe():
            return jsonify(
                issuer=self.issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                jwks_uri=f"{self.issuer}/keys",
                end_session_endpoint=f"{self.issuer}/out",
            )

        @app.get("/keys")
        def keys():
            return jsonify(keys=[self.key.as_dict(private=False)])

        @app.get("/authorize")
        def authorize():
            self.asked = request.args.to_dict()
            assert self.asked["response_type"] == "code"
            assert self.asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe()
            self.codes[code] = self.asked
            answer = {"code": code, "state": self.asked["state"]} | self.extra
            return redirect(f"{self.asked['redirect_uri']}?{urlencode(answer)}")

        @app.post("/token")
        def token():
            self.redeemed += 1
            asked = self.codes.pop(request.form.get("code"), None)
            proof = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
            who = request.authorization
            if (
                asked is None
                or who is None
                or (who.username, who.password) != (CLIENT, SECRET)
                or challenge != asked["code_challenge"]
                or request.form.get("redirect_uri") != asked["redirect_uri"]
            ):
                return jsonify(error="invalid_grant"), 400
            now = int(time.time())
            claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
            claims |= {"nonce": asked["nonce"], "auth_time": now} | self.claims
            return jsonify(
                access_token="x", token_type="Bearer", id_token=self.sign(self.lie(claims))
            )

        return app
