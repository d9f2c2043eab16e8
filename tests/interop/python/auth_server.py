"""The login backend: one user, a@b.c, whose password is secret."""

from accounts.auth import AuthenticationService
from accounts.auth.ttypes import LoginResult, SystemException, User

import serving


class Handler:
    def login(self, email, password):
        if email == "crash@b.c":
            raise RuntimeError("the database is away")
        if (email, password) != ("a@b.c", "secret"):
            raise SystemException(errorCode=401, message="wrong email or password")
        user = User(id=9007199254740993, email=email, roles=["admin", "clerk"])
        return LoginResult(user=user, token="t-0001")


serving.serve(AuthenticationService.Processor(Handler()), "binary", "framed")
