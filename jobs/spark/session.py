"""The Spark session: offline a local one with the locked jars and LocalStack as S3; EMR Serverless and Databricks have
Spark, Delta and their ways to S3 themselves."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.utils import is_remote

from jobs.faults import Fault, in_a_line
from jobs.spark.dialect import define
from pipeline.errors import UserError
from pipeline.estate import Estate
from pipeline.settings import Settings
from pipeline.signals import at_first_signal

ON_DATABRICKS = "DATABRICKS_RUNTIME_VERSION" in os.environ
# Of a checkout; an image has them among Spark's own.
JARS = Path(__file__).parents[2] / ".build" / "java" / "spark"
# Spark's classes as the JVM holds them in memory, kept by the first job: starting takes two thirds of the time.
CLASSES = JARS / "classes.jsa"
LOG4J = Path(__file__).parent / "log4j2.xml"
GRACE = 5.0  # seconds for a JVM that answers no more to have ended
OF_JAVA = re.compile(r"^: (.+)$", re.MULTILINE)  # as Py4J shows an exception: the call, then this, then the trace

# Everywhere.
COMMON = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variant.allowDuplicateKeys": "true",  # the last one stands, as everywhere else
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.databricks.delta.writeChecksumFile.enabled": "false",  # a further object for each commit
}
# Below so many records most of a run would go into compiling for a speed that it does not live to see.
SMALL = 300_000
QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=256m"]
# For one machine: every further partition of a shuffle or a Delta snapshot costs more than it brings.
ONE_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.files.openCostInBytes": "262144",
    "spark.sql.adaptive.coalescePartitions.initialPartitionNum": "4",
}


@contextmanager
def session(
    settings: Settings, estate: Estate, name: str, records: int, started: Callable[[int], None] = lambda pid: None
) -> Iterator[SparkSession]:
    """A session that ends with the block, for about so many records.

    `started` is called with the pid of the JVM, where that is ours. Raises UserError when it does not start, and
    offline when Spark fails; elsewhere the log of the platform is where a person looks for the whole error.
    """
    with (
        _platform_session(name)
        if estate.aws_endpoint_url is None
        else _offline_session(settings, estate, name, records, started) as spark
    ):
        define(spark)
        yield spark


@contextmanager
def kept(rows: DataFrame) -> Iterator[DataFrame]:
    """Rows that are read several times, held meanwhile; serverless compute of Databricks, which is Spark Connect, holds
    none: there they are read anew."""
    if is_remote():
        yield rows
        return
    rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield rows
    finally:
        rows.unpersist()


def _built(name: str, options: dict[str, str]) -> SparkSession:
    builder = SparkSession.builder.appName(name)
    for option, value in options.items():
        builder = builder.config(option, value)
    return builder.getOrCreate()


@contextmanager
def _platform_session(name: str) -> Iterator[SparkSession]:
    """On Databricks the session that is there, with Delta, and that others go on with."""
    if ON_DATABRICKS:
        spark = SparkSession.builder.getOrCreate()
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        yield spark
        return
    spark = _built(name, COMMON)
    try:
        yield spark
    finally:
        spark.stop()


@contextmanager
def _offline_session(
    settings: Settings, estate: Estate, name: str, records: int, started: Callable[[int], None]
) -> Iterator[SparkSession]:
    log = settings.state / "logs" / "spark.log"
    try:
        with _output_to(log):
            spark = _built(name, COMMON | _offline(settings, estate, records))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"Spark does not start: {reason} (see {log})") from None
    jvm = spark.sparkContext._gateway.proc
    started(jvm.pid)
    with _logging_to(log), _ending_at_once(spark) as ended:
        try:
            yield spark
        except (PySparkException, Py4JError, ConnectionError) as error:
            if ended.is_set():
                raise KeyboardInterrupt from None
            logging.exception("Spark failed")
            raise Fault(f"{_said(error, jvm)} (see {log})") from None
        finally:
            if not ended.is_set() and jvm.poll() is None:
                spark.stop()
                if JARS.exists() and not CLASSES.exists():
                    _keep_classes(spark)


def _said(error: Exception, jvm: subprocess.Popen[bytes]) -> str:
    """What the error says, in a line: of a Java one the message, without the trace that it brings along."""
    if isinstance(error, PySparkException | Py4JJavaError):
        text = str(error).strip()
        java = OF_JAVA.search(text)
        return f"Spark: {java[1] if java else text.splitlines()[0]}"
    try:
        return f"Spark's JVM ended with exit code {jvm.wait(GRACE)}"
    except subprocess.TimeoutExpired:
        return f"Spark's JVM does not do as it is asked: {in_a_line(error)}"


@contextmanager
def _logging_to(log: Path) -> Iterator[None]:
    """What Py4J would print, with its tracebacks, goes where the JVM's own words are. It is all that has no logger of
    its own."""
    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True  # it prints what is raised as well
    file, root = logging.FileHandler(log), logging.getLogger()

    def to_file(record: logging.LogRecord) -> bool:
        file.handle(record)
        return False

    root.addFilter(to_file)
    try:
        yield
    finally:
        root.removeFilter(to_file)
        file.close()


@contextmanager
def _ending_at_once(spark: SparkSession) -> Iterator[Event]:
    """Let SIGINT and SIGTERM end the JVM as well: threads that wait for its jobs would hold the program up until then.

    What it was writing is whole or not there; the next run makes it good. Gives what is set when that has happened.
    """
    ended = Event()

    def end() -> None:
        ended.set()
        logging.disable()  # Py4J tells of each call that now fails
        spark.sparkContext._gateway.proc.terminate()
        raise KeyboardInterrupt

    with at_first_signal(end):
        yield ended


def _offline(settings: Settings, estate: Estate, records: int) -> dict[str, str]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    java = [
        "-Duser.timezone=UTC",
        "-XX:+UseParallelGC",
        *(QUICK_START if records < SMALL else []),
        f"-Dlog4j2.configurationFile={LOG4J.as_uri()}",
        f"-Dpipeline.log={(settings.state / 'logs' / 'spark.log').resolve()}",
    ]
    if JARS.exists():
        java += [
            f"-XX:SharedArchiveFile={CLASSES}" if CLASSES.exists() else f"-XX:ArchiveClassesAtExit={_unfinished()}"
        ]
    return (
        ONE_MACHINE
        | {
            "spark.master": "local[*]",
            "spark.driver.memory": settings.spark_memory,
            "spark.driver.extraClassPath": ":".join(map(str, sorted(JARS.glob("*.jar")))),
            "spark.driver.extraJavaOptions": " ".join(map(_quoted, java)),
            "spark.local.dir": str((settings.state / "spark").resolve()),
            "spark.sql.warehouse.dir": str((settings.state / "spark" / "warehouse").resolve()),
        }
        | s3a(estate)
    )


def _quoted(option: str) -> str:
    """The option as Spark, which parts options at blanks, takes it."""
    return '"' + option.replace("\\", "\\\\").replace('"', '\\"') + '"'


def s3a(estate: Estate) -> dict[str, str]:
    """Settings that reach the offline estate's S3."""
    credentials = estate.credentials()
    return {
        "spark.hadoop.fs.s3a.endpoint": str(estate.aws_endpoint_url),
        "spark.hadoop.fs.s3a.endpoint.region": estate.region,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.hadoop.fs.s3a.access.key": credentials.access_key,
        "spark.hadoop.fs.s3a.secret.key": credentials.secret_key,
        "spark.hadoop.delta.enableFastS3AListFrom": "true",  # the end of a table's log, rather than all of it
        "spark.sql.streaming.checkpointFileManagerClass": (
            "org.apache.spark.internal.io.cloud.AbortableStreamBasedCheckpointFileManager"
        ),
    }


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """What the JVM prints, from its start on, goes to the log: it inherits these streams."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    ours = os.dup(1), os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        for number, saved in enumerate(ours, 1):
            os.dup2(saved, number)
            os.close(saved)


def _keep_classes(spark: SparkSession) -> None:
    """End the JVM, which writes its classes as it ends, and put them where the next one finds them."""
    print("keeping Spark's classes for quicker starts: once, some seconds", flush=True)
    gateway = spark.sparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
    if _unfinished().exists():
        _unfinished().replace(CLASSES)
    for left in JARS.glob("classes.[0-9]*"):  # by a first job that was killed
        left.unlink(missing_ok=True)


def _unfinished() -> Path:
    """Of this process alone: another first job may be running."""
    return CLASSES.with_suffix(f".{os.getpid()}")
