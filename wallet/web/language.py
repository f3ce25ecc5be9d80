"""The reader's language, chosen afresh for every request."""

from flask import Flask, Response, request

from wallet import i18n


def install(app: Flask) -> None:
    """Speak to each reader in the language their browser asks for."""

    @app.before_request
    def choose() -> None:
        i18n.use(i18n.negotiated(request.headers.get("Accept-Language", "")))

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["Content-Language"] = i18n.language()
        response.headers["Vary"] = "Accept-Language"
        return response
