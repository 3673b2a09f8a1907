"""The processes that start workers, whatever becomes of those who start and close them."""

import asyncio

import psutil

from app.engine.launcher import Launcher
from tests.engine.racing import fork_servers


async def test_a_fork_server_whose_closing_is_cut_off_leaves_no_zombie(prepared_few):
    launcher = Launcher(prepared_few, 4 << 30)
    launched = await launcher.launch()
    launched.sock.close()
    (closed,) = fork_servers()

    closing = asyncio.create_task(launcher.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])

    assert closing.cancelled()
    assert closed not in psutil.Process().children()
