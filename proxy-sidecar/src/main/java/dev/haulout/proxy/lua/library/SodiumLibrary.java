package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.util.Arrays;
import java.util.HexFormat;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** sodium: bindings as of libsodium. */
final class SodiumLibrary {
    private static final int MOST_RANDOM = 1 << 20;

    private SodiumLibrary() {}

    static void install(Machine machine) {
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("bin2hex", args -> LuaValue.valueOf(HexFormat.of().formatHex(args.bytes(1))))
                .add("hex2bin", SodiumLibrary::hexToBytes)
                .add("randombytes", SodiumLibrary::random)
                .add("crypto_box_keypair", args -> boxKeyPair())
                .add("crypto_box_seal", args -> string(Sodium.seal(args.bytes(1), key(args, 2, Sodium.BOX_KEY))))
                .add("crypto_box_seal_open", SodiumLibrary::open)
                .add("crypto_scalarmult_base", args -> string(Sodium.boxPublic(key(args, 1, Sodium.BOX_KEY))))
                .add("crypto_sign_keypair", args -> signKeyPair())
                .add(
                        "crypto_sign_detached",
                        args -> string(Sodium.sign(args.bytes(1), key(args, 2, Sodium.SIGN_SECRET))))
                .add("crypto_sign_verify_detached", SodiumLibrary::verify);
        machine.globals().rawset("sodium", table);
    }

    private static LuaString string(byte[] bytes) {
        return LuaString.valueUsing(bytes);
    }

    private static byte[] key(Args args, int index, int size) {
        byte[] key = args.bytes(index);
        if (key.length != size) {
            throw new ArgumentError(index, "Wrong key size");
        }
        return key;
    }

    private static Varargs hexToBytes(Args args) {
        try {
            return string(HexFormat.of().parseHex(args.string(1).tojstring()));
        } catch (IllegalArgumentException e) {
            return LuaValue.NIL;
        }
    }

    private static Varargs random(Args args) {
        double count = args.number(1);
        if (count < 1 || count > MOST_RANDOM) {
            throw new ArgumentError(1, "Bad size");
        }
        args.machine().allocate((long) count);
        return string(Sodium.random((int) count));
    }

    private static Varargs boxKeyPair() {
        byte[] secret = Sodium.random(Sodium.BOX_KEY);
        return LuaValue.varargsOf(string(Sodium.boxPublic(secret)), string(secret));
    }

    private static Varargs signKeyPair() {
        byte[] secret = Sodium.signSecret();
        return LuaValue.varargsOf(string(Arrays.copyOfRange(secret, 32, 64)), string(secret));
    }

    private static Varargs open(Args args) {
        byte[] message = Sodium.open(args.bytes(1), key(args, 2, Sodium.BOX_KEY), key(args, 3, Sodium.BOX_KEY));
        return message == null ? LuaValue.NONE : string(message);
    }

    private static Varargs verify(Args args) {
        byte[] signature = args.bytes(1);
        byte[] publicKey = key(args, 3, Sodium.SIGN_PUBLIC);
        return signature.length != Sodium.SIGNATURE
                ? LuaValue.NONE
                : LuaValue.valueOf(Sodium.verify(signature, args.bytes(2), publicKey));
    }
}
