# The protocol of every client here, in README.md. Arguments: pymysql | MySQLdb, then host, port, user,
# password and database.
import importlib
import sys

driver, host, port, user, password, database = sys.argv[1:]
connection = importlib.import_module(driver).connect(
    host=host, port=int(port), user=user, password=password, database=database, connect_timeout=1
)
print("connected", flush=True)
cursor = connection.cursor()
for line in sys.stdin:
    cursor.execute(line.strip())
    print(cursor.fetchone()[0], flush=True)
    # Python's drivers open a transaction with the first statement; a session is held between them.
    connection.commit()
connection.close()
