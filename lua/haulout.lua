---@meta
-- What configurations of haulout's Lua proxy find beside Lua 5.1's own libraries and LuaJIT's `bit`.
-- For LuaLS (lua-language-server): add this folder to `workspace.library` and set `runtime.version` to "LuaJIT".

---An address: of IP or of a unix socket. `tostring` gives `192.168.0.2:3306`, `[::1]:3306`, `/path` or `@name`.
---@class SocketAddress

---Servers of which a client's account chooses one.
---@class mysql_cluster

---What a callback decided; made by a client's methods and returned.
---@class Action

---@class Cgroup
---@field path string the path as in /proc/self/cgroup, such as `/user.slice/user-1000.slice`
---@field xattr table<string, string?> extended attributes; a name without a dot is one of `user.`
---@field parent Cgroup? nil at the first level

---A client connection. Any other attribute is an error, and so is any use after the client has gone.
---@class Client
---@field pid integer? of a client on a unix socket
---@field uid integer? of a client on a unix socket
---@field gid integer? of a client on a unix socket
---@field account string? settable: the key by which a cluster chooses, and what DISCONNECT_DATABASE names
---@field notes table what is the script's own, for as long as the connection lasts
---@field server_version string settable in on_connect: what is announced; later the server's own
---@field cgroup Cgroup? nil on TCP
---@field address SocketAddress? where the client comes from
local Client = {}

---Refuses what the callback was asked.
---@param message string
---@return Action
function Client:err(message) end

---Connects the client to a server; to be returned by on_handshake_response.
---@param address SocketAddress|mysql_cluster|string a string is numeric (`192.168.0.2:3307`), `/path` or `@name`
---@param login HandshakeResponse|Login
---@param options? {read_only?: boolean}
---@return Action
function Client:connect(address, login, options) end

---Uses a database; to be returned by on_init_db.
---@param name string
---@return Action
function Client:init_db(name) end

---What a client said at login. Reading `password` asks the client for it, in clear, and waits for the answer; a response
---that is passed on untouched needs no password, and any authentication works.
---@class HandshakeResponse
---@field user string
---@field password string
---@field password_sha1 string? the 20 raw bytes of SHA1(password): set it instead of a password
---@field database string?

---@class Login
---@field user? string
---@field password? string
---@field password_sha1? string
---@field database? string

---@class Handler
---@field on_connect? fun(client: Client): Action?
---@field on_handshake_response fun(client: Client, response: HandshakeResponse): Action
---@field on_command_phase? fun(client: Client)
---@field on_init_db? fun(client: Client, database: string): Action
---@field on_query? fun(client: Client, sql: string): Action|string|nil not in myproxy

---@class ListenOptions what myproxy does not know
---@field tls_certificate? string a PEM file
---@field tls_key? string a PEM file
---@field proxy_protocol_networks? string[] whose PROXY headers are believed
---@field allow_cleartext? boolean ask for passwords in clear on unsafe channels too

---The sockets that systemd passed on.
---@type userdata
systemd = nil

---Fill all I/O buffers in at the start.
---@type any
populate_io_buffers = nil

---Called on SIGHUP, if it is defined.
reload = nil ---@type fun()?

---Listens for clients. Only while the configuration is read.
---@param address string|userdata|SocketAddress a string is the path of a unix socket (or `@name`), never TCP
---@param handler Handler
---@param options? ListenOptions
function mysql_listen(address, handler, options) end

---Listens for control datagrams; port 5478 unless given. Only while the configuration is read.
---@param address string|SocketAddress
---@param options? {multicast_group?: string, interface?: string}
function control_listen(address, options) end

---Serves metrics; port 9100 unless given. Only while the configuration is read.
---@param address string|SocketAddress
function prometheus_listen(address) end

---Resolves an address; port 3306 unless given. While the configuration is read a failure is an error; in callbacks it
---waits, and a failure is nil and a message.
---@param address string
---@return SocketAddress?
---@return string? message
function mysql_resolve(address) end

---Resolves the address of a control listener; port 5478 unless given.
---@param address string
---@return SocketAddress
function control_resolve(address) end

---@class ClusterOptions
---@field monitoring? boolean probe the servers
---@field no_read_only? boolean prefer servers that are not read-only
---@field disconnect_unavailable? boolean close connections to servers that become unavailable
---@field user? string
---@field password? string

---@param addresses (string|SocketAddress)[]
---@param options? ClusterOptions
---@return mysql_cluster
function mysql_cluster(addresses, options) end

---Waits. In callbacks only.
---@param seconds number
function sleep(seconds) end

json = {}

---Each table is an object, numbers are cut to integers.
---@param value any
---@return string
function json.dump(value) end

---@param text string
---@return any value
---@return string? message
function json.parse(text) end

jwt = {}

---Signs a token with ed25519; the header gets `alg` and `typ`.
---@param secret_key string 64 bytes, of sodium.crypto_sign_keypair
---@param header table
---@param payload table
---@return string
function jwt.sign(secret_key, header, payload) end

sodium = {}

---@param binary string
---@return string
function sodium.bin2hex(binary) end

---@param hex string
---@return string? nil when there is any other character
function sodium.hex2bin(hex) end

---@param count integer 1 to 1048576
---@return string
function sodium.randombytes(count) end

---@return string public_key 32 bytes
---@return string secret_key 32 bytes
function sodium.crypto_box_keypair() end

---@param message string
---@param public_key string
---@return string
function sodium.crypto_box_seal(message, public_key) end

---@param sealed string
---@param public_key string
---@param secret_key string
---@return string? message nothing when it can't be opened
function sodium.crypto_box_seal_open(sealed, public_key, secret_key) end

---@param secret_key string
---@return string public_key
function sodium.crypto_scalarmult_base(secret_key) end

---@return string public_key 32 bytes
---@return string secret_key 64 bytes
function sodium.crypto_sign_keypair() end

---@param message string
---@param secret_key string
---@return string signature 64 bytes
function sodium.crypto_sign_detached(message, secret_key) end

---@param signature string
---@param message string
---@param public_key string
---@return boolean? valid nothing when the signature has not 64 bytes
function sodium.crypto_sign_verify_detached(signature, message, public_key) end

socket = {}

---@class Socket
local Socket = {}

---Connects: numeric and local addresses only.
---@param address string|SocketAddress
---@param options? {type?: "stream"|"dgram"|"seqpacket"}
---@return Socket?
---@return string? message
function socket:connect(address, options) end

---Sends once, perhaps only a part. The end is applied first; the start then counts in what is left.
---@param data string
---@param first? integer
---@param last? integer
---@return integer? sent
---@return string? message
function Socket:send(data, first, last) end

function Socket:close() end

control_client = {}

---@class ControlClient
local ControlClient = {}

---@class ControlBuilder
local ControlBuilder = {}

---@param address string|SocketAddress port 5478 unless given
---@return ControlClient?
---@return string? message
function control_client:new(address) end

---@return ControlBuilder
function ControlClient:build() end

---@param builder ControlBuilder
---@return boolean?
---@return string? message
function ControlClient:send(builder) end

---@param partition string
---@param id string
---@return ControlBuilder
function ControlBuilder:cancel_job(partition, id) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:discard_session(...) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:disconnect_database(...) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:fade_children(...) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:flush_filter_cache(...) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:flush_http_cache(...) end

---@param ... string addresses
---@return ControlBuilder
function ControlBuilder:reject_client(...) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:reset_limiter(...) end

---@param ... string addresses
---@return ControlBuilder
function ControlBuilder:tarpit_client(...) end

---@param ... string
---@return ControlBuilder
function ControlBuilder:terminate_children(...) end

pg = {}

---@class PgDatabase
local PgDatabase = {}

---@class PgResult
local PgResult = {}

---A PostgreSQL database. Connects when it is first used, and again after a loss.
---@param conninfo string as libpq has it, such as `dbname=foo host=/run/postgresql`
---@param schema? string
---@return PgDatabase
function pg:new(conninfo, schema) end

---@param array (string|number)[]
---@return string
function pg:encode_array(array) end

---@param text string
---@return string[]
function pg:decode_array(text) end

---Runs SQL and waits for it. In callbacks only. Without parameters several statements are allowed; the last result counts.
---@param sql string
---@param params? (string|number|boolean|nil)[]
---@return PgResult?
---@return string? message
function PgDatabase:execute(sql, params) end

---Calls a function on each NOTIFY.
---@param name string
---@param callback fun()
function PgDatabase:listen(name, callback) end

---The next row; nothing after the last.
---@param row? table to be filled
---@param mode? "a"|"n" by name (the default) or by number
---@return table?
function PgResult:fetch(row, mode) end
