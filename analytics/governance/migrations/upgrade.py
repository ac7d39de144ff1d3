"""Running the migrations from inside a program, on a connection that is already open.

Owns Alembic's configuration; there is no alembic.ini.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def configuration(connection: Connection) -> Config:
    """Alembic's settings for these migrations on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str) -> None:
    """Bring the tables to `revision`, within the connection's transaction."""
    command.upgrade(configuration(connection), revision)
