"""The one address that takes files: their bytes go from the network to the disk.

    POST /upload/<key of the upload>/<number of the file>

What is to come is announced over the socket first (`upload_begin`), so that no name of a user's
stands in an address. The guard in front lets in nobody but our own page.
"""

from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cutaway.errors import CutawayError, DiskError
from cutaway.studio.uploads import Uploads


async def receive_file(request: Request) -> Response:
    """The bytes of one file, written as they come, for the desk of the book that is open."""
    uploads: Uploads = request.app.state.book.desk.uploads
    try:
        upload = uploads.find(request.path_params["upload"])
        file = await uploads.receive(upload, request.path_params["index"], request.stream())
    except ClientDisconnect:
        return Response(status_code=400)  # nobody hears it: the page has gone
    except CutawayError as error:
        await _read_to_the_end(request)
        status = 507 if isinstance(error, DiskError) else 400
        told = {"kind": type(error).__name__, "message": str(error)}
        return JSONResponse({"error": told}, status)
    return JSONResponse({"file": file.to_dict()})


async def _read_to_the_end(request: Request) -> None:
    """Nothing: a browser hears an answer only when it has sent all that it wanted to."""
    with suppress(ClientDisconnect):
        async for _ in request.stream():
            pass


ROUTES = [Route("/upload/{upload}/{index:int}", receive_file, methods=["POST"])]
