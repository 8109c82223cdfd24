"""A Neo4j Community server of its own: started, stopped, killed, and administered offline."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from neo4j.exceptions import DriverError, Neo4jError

from tests.support.server.database import Database
from tests.support.server.jars import jars
from tests.support.server.java import Java, UnavailableError, java

VERSION = "5.26.31"
FLAGS = (
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+DisableExplicitGC",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)
# Most of what a server does for tests is done once: its time goes into compiling statements, and
# into compiling itself. Without Java's second compiler, and with one thread that collects garbage,
# it takes 16 s of CPU time and not 32 s to start and to answer the first questions.
BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LASTING = ("-XX:+UseG1GC",)  # as Neo4j's own launcher has it
# Newer Javas refuse to start with this one; for 17 it is what Neo4j's own launcher gives.
FLAGS_17 = ("-XX:+UnlockExperimentalVMOptions", "-XX:+TrustFinalNonStaticFields")


class Server:
    """A server with a home folder, ports and a password of its own.

    The process ends with the one that started it, even when that is killed.
    """

    def __init__(
        self,
        home: Path,
        *,
        version: str = VERSION,
        auth: bool = True,
        heap: str = "1g",
        lasting: bool = False,
    ) -> None:
        """``lasting``: as Neo4j starts it, for what is measured; else for short statements."""
        self.home = home.resolve()
        self.version = version
        self.user = "neo4j"
        self.password = secrets.token_hex(12) if auth else None
        self.heap = heap
        self.flags = LASTING if lasting else BRIEF
        # Databases of tests are emptied and filled all the time, after which plans are made anew.
        self.settings = {} if lasting else {"dbms.cypher.min_replan_interval": "1d"}
        self.process: subprocess.Popen[bytes] | None = None
        self._bolt, self._http = _free_ports(2)
        for folder in ("conf", "data", "logs", "plugins", "import", "run"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self._bolt}"

    @property
    def http(self) -> str:
        """Where its Browser is: ``/browser/`` below this."""
        return f"http://127.0.0.1:{self._http}"

    @property
    def database(self) -> Database:
        return Database(self.uri, self.user if self.password else None, self.password)

    def start(self, seconds: float = 600) -> Self:
        """Comes back when the database answers; with the data that the home has."""
        if self.process and self.process.poll() is None:
            raise RuntimeError("the server is running")
        self._configure()
        entry = "CommunityEntryPoint" if self._classic else "Neo4jCommunity"
        folders = (f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}")
        command = self.command(f"org.neo4j.server.{entry}", *folders, "--console-mode")
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", "KILL", *command]
        with self._console.open("ab") as console:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT
            )
        try:
            self._wait(time.monotonic() + seconds)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, seconds: float = 300) -> None:
        """Asks it to end, and ends it when it does not."""
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def admin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What ``neo4j-admin`` does with the arguments; most of them want the server stopped."""
        self._configure()
        folders = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        return subprocess.run(
            self.command("org.neo4j.cli.AdminTool", *arguments),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **folders},
        )

    def log(self, lines: int = 30) -> str:
        """The last lines of what it said."""
        found = (path for path in (self._console, self.home / "logs/debug.log") if path.exists())
        return "\n".join(
            line
            for path in found
            for line in (f"{path}:", *path.read_text(errors="replace").splitlines()[-lines:])
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _classic(self) -> bool:
        """Whether its version is of the line before those named by year and month."""
        return self.version.startswith("5.")

    @property
    def _console(self) -> Path:
        return self.home / "logs/console.log"

    @cached_property
    def _found(self) -> tuple[Java, Path]:
        return java(17 if self._classic else 21), jars(self.version)

    def command(self, main: str, *arguments: str) -> list[str]:
        found, folder = self._found
        path = os.pathsep.join(
            map(str, (self.home / "plugins/*", self.home / "conf/*", folder / "*"))
        )
        flags = (*self.flags, *FLAGS, *(FLAGS_17 if found.version == 17 else ()))
        return [str(found.command), f"-Xmx{self.heap}", *flags, "-cp", path, main, *arguments]

    def _configure(self) -> None:
        """Writes the settings, and the first password while there is no data."""
        conf = self.home / "conf/neo4j.conf"
        fresh = not conf.exists()
        conf.write_text("".join(f"{key}={value}\n" for key, value in self._settings().items()))
        if fresh and self.password:
            done = self.admin("dbms", "set-initial-password", self.password)
            if done.returncode:
                raise UnavailableError(f"no first password: {done.stdout}{done.stderr}")

    def _settings(self) -> dict[str, str]:
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f":{self._bolt}",
            # Else the Browser is told the default port.
            "server.bolt.advertised_address": f"127.0.0.1:{self._bolt}",
            "server.http.listen_address": f":{self._http}",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "512m",
            "dbms.security.auth_enabled": str(self.password is not None).lower(),
            "dbms.usage_report.enabled": "false",
            "client.allow_telemetry": "false",
            "db.tx_log.rotation.retention_policy": "keep_none",
            "db.tx_log.preallocate": "false",
        }
        if not self._classic:  # as in the neo4j.conf that these versions come with
            settings["db.query.default_language"] = "CYPHER_25"
        return settings | self.settings

    def _wait(self, deadline: float) -> None:
        """Until a statement is answered: a port that is open says little."""
        assert self.process
        while True:
            try:
                with self.database.driver(connection_timeout=5) as driver:
                    driver.verify_connectivity()
                self.database.run("RETURN 1")
            except (DriverError, Neo4jError) as exc:
                problem = exc
            else:
                return
            try:
                status = self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
                raise UnavailableError(
                    f"Neo4j does not answer: {problem}\n{self.log()}"
                ) from problem
            raise UnavailableError(f"Neo4j ended with status {status}\n{self.log()}") from None


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            found.append(int(listener.getsockname()[1]))
        return found
