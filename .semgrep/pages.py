"""What the rules beside this catch, and what they let be. Read by `semgrep --test` alone; nothing runs it."""

PLACE = "/ops/people"


# ruleid: route-without-permission
@routes.get("/board")
async def bad_route(by):
    return []


# ok: route-without-permission
@routes.get("/board")
@needs(Permission.BOARD_READ)
async def good_route(by):
    return []


# ok: route-without-permission
@routes.post("/requisitions")
@by_command
async def good_command(by):
    return []


# ok: route-without-permission
@routes.get("/health")
@open_to_all
async def good_probe():
    return []


def bad_redirects(request, next, typed):
    # ruleid: redirect-to-what-was-given
    yield RedirectResponse(next, 303)
    # ruleid: redirect-to-what-was-given
    yield RedirectResponse(request.query_params["next"], 303)
    # ruleid: redirect-to-what-was-given
    yield RedirectResponse(url=typed["_next"])
    # ruleid: redirect-to-what-was-given
    yield RedirectResponse(f"/{next}", 303)
    # ruleid: redirect-to-what-was-given
    yield RedirectResponse(f"{next}/done", 303)


def good_redirects(next, person):
    # ok: redirect-to-what-was-given
    yield RedirectResponse("/owed", 303)
    # ok: redirect-to-what-was-given
    yield RedirectResponse(local_path(next), 303)
    # ok: redirect-to-what-was-given
    yield RedirectResponse(PLACE, 303)
    # ok: redirect-to-what-was-given
    yield RedirectResponse(f"{PLACE}/{person}", 303)
    # ok: redirect-to-what-was-given
    yield RedirectResponse(f"/sign-in?next={person}", 303)


async def bad_calls(url):
    # ruleid: answer-without-a-limit-of-time, authorities-read-anew
    async with httpx.AsyncClient(trust_env=False) as http:
        yield http
    # ruleid: answer-without-a-limit-of-time
    yield httpx.get(url)


async def good_calls(url):
    # ok: answer-without-a-limit-of-time, authorities-read-anew
    async with httpx.AsyncClient(trust_env=False, timeout=3, verify=authorities()) as http:
        yield http
    # ok: answer-without-a-limit-of-time
    yield httpx.get(url, timeout=3)
