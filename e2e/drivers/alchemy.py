# An SQLAlchemy pool that looks whether a connection is alive before it gives it out, spoken to as the clients in README.md.
# Arguments: pymysql | mysqldb, then host, port, user, password and database. Each line is run in a transaction of its own on
# each of three connections that are out at the same time.
import sys

import sqlalchemy

driver, host, port, user, password, database = sys.argv[1:]
engine = sqlalchemy.create_engine(
    f"mysql+{driver}://{user}:{password}@{host}:{port}/{database}", pool_pre_ping=True, pool_size=3, max_overflow=0
)
renewed = []
sqlalchemy.event.listen(engine, "connect", lambda connection, record: renewed.append(connection))


def ask(sql):
    connections = [engine.connect() for _ in range(3)]
    values = set()
    for connection in connections:
        with connection, connection.begin():
            values.add(str(connection.execute(sqlalchemy.text(sql)).scalar()))
    return " and ".join(values)


ask("SELECT 1")
print("connected", flush=True)
for line in sys.stdin:
    print(ask(line.strip()), flush=True)
engine.dispose()
if len(renewed) > 3:
    sys.exit(f"{len(renewed)} connections were made where 3 would have done")
