import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.thrift.TException;
import org.example.everything.AllTypes;
import org.example.everything.Chain;
import org.example.everything.Choice;
import org.example.everything.Color;
import org.example.everything.Point;
import org.example.everything.Presence;
import org.example.everything.Scalars;
import org.example.everything.Tree;
import org.example.keys.Cell;
import org.example.keys.Key;
import org.example.keys.Keys;

/** The values that the checks send. */
final class Values {
  private Values() {}

  private static ByteBuffer bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteBuffer.wrap(bytes);
  }

  private static ByteBuffer allBytes() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return ByteBuffer.wrap(bytes);
  }

  private static Scalars everyScalar() {
    return new Scalars()
        .setABool(true)
        .setAnI8((byte) -128)
        .setAnI16((short) -32768)
        .setAnI32(Integer.MIN_VALUE)
        .setAnI64(Long.MIN_VALUE)
        .setADouble(-0.5)
        .setAString("é")
        .setABinary(bytes(0, 255))
        .setAColor(Color.BLUE);
  }

  private static Presence defaults() {
    Presence presence = new Presence();
    presence.setNeeded(0);
    presence.setPlain(3);
    presence.setMaybeDefault(8);
    return presence;
  }

  private static Presence told() {
    return new Presence()
        .setNeeded(5)
        .setNeededDefault("x")
        .setPlain(6)
        .setPlainDefault(7)
        .setMaybe(8)
        .setMaybeDefault(9)
        .setPlainList(List.of())
        .setPlainColor(Color.RED)
        .setPlainPoint(new Point(9, 9))
        .setPlainDouble(1.5)
        .setPlainBool(false);
  }

  private static Tree tree() {
    Tree leaf = new Tree("leaf");
    Tree twig = new Tree("twig").setChildren(List.of());
    return new Tree("root").setChildren(List.of(leaf, twig));
  }

  private static AllTypes allTypes() {
    return new AllTypes()
        .setScalars(everyScalar())
        .setPresence(defaults())
        .setChoice(Choice.point(new Point(1, 2)))
        .setTree(tree())
        .setBools(List.of(true, false))
        .setLongs(List.of(Long.MAX_VALUE, Long.MIN_VALUE))
        .setBlobs(List.of(bytes(), bytes(0xfe)))
        .setNumbers(Set.of(1, 2, 3))
        .setColors(Set.of(Color.RED, Color.INFRARED))
        .setStrings(Map.of("k", "v", "", ""))
        .setPoints(Map.of(-5, new Point(0, 0)))
        .setColorNames(Map.of(Color.VIOLET, "violet"))
        .setMatrix(List.of(List.of(), List.of(0.1, 1e300)))
        .setDeep(
            Map.of(
                "a", Map.of(-1, List.of(Choice.flag(true), Choice.numbers(List.of(1, 2))), 7, List.of()),
                "", Map.of()))
        .setPaths(Map.of("p", List.of(1, -2)))
        .setFar((byte) -1)
        .setLast("end");
  }

  static void echoes(Client client) throws TException {
    scalars(client);
    structs(client);
    lists(client);
    setsAndMaps(client);
  }

  private static void scalars(Client client) throws TException {
    client.echoes("echoBool", Keys.Client::echoBool, true, false);
    client.echoes("echoI8", Keys.Client::echoI8, (byte) -128, (byte) 127, (byte) 0);
    client.echoes("echoI16", Keys.Client::echoI16, (short) -32768, (short) 32767);
    client.echoes("echoI32", Keys.Client::echoI32, Integer.MIN_VALUE, Integer.MAX_VALUE);
    client.echoes(
        "echoI64", Keys.Client::echoI64, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, -5L, 0L);
    client.echoes(
        "echoDouble",
        Keys.Client::echoDouble,
        0.1,
        -0.0,
        Double.MAX_VALUE,
        Double.MIN_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN,
        1e22);
    client.echoes(
        "echoString",
        Keys.Client::echoString,
        "",
        "plain",
        "Zürich 東京 🦀",
        "quote \" \\ / \n\t\u0001\u007f",
        "x".repeat(70000));
    client.echoes("echoBinary", Keys.Client::echoBinary, bytes(), allBytes(), bytes(255));
    client.echoes("echoColor", Keys.Client::echoColor, Color.RED, Color.VIOLET, Color.INFRARED);
    client.echoes("echoLength", Keys.Client::echoLength, -16);
    client.echoes("echoTimestamp", Keys.Client::echoTimestamp, 1700000000000L);
  }

  private static void structs(Client client) throws TException {
    Scalars empties = new Scalars().setABool(false).setAString("").setABinary(bytes());
    client.echoes("echoPoint", Keys.Client::echoPoint, new Point(3, -4));
    client.echoes("echoScalars", Keys.Client::echoScalars, new Scalars(), everyScalar(), empties);
    client.echoes("echoPresence", Keys.Client::echoPresence, defaults(), told());
    client.echoes(
        "echoChoice",
        Keys.Client::echoChoice,
        Choice.flag(false),
        Choice.number(-1),
        Choice.text("t"),
        Choice.bytes(bytes('b')),
        Choice.point(new Point(0, 1)),
        Choice.numbers(List.of()),
        Choice.color(Color.GREEN));
    client.echoes("echoTree", Keys.Client::echoTree, tree());
    Chain chain = new Chain().setNumber(2).setRest(new Chain().setNumber(3));
    client.echoes("echoChain", Keys.Client::echoChain, new Chain().setNumber(1).setRest(chain));
    client.echoes("echoEverything", Keys.Client::echoEverything, new AllTypes(), allTypes());
  }

  private static void lists(Client client) throws TException {
    List<Long> forty = new ArrayList<>();
    for (long value = 0; value < 40; value++) {
      forty.add(value);
    }
    client.echoes("echoBoolList", Keys.Client::echoBoolList, List.of(true, false, true), List.of());
    client.echoes("echoI8List", Keys.Client::echoI8List, List.of((byte) -128, (byte) 0, (byte) 127));
    client.echoes("echoI64List", Keys.Client::echoI64List, List.of(1L << 62, -1L), forty);
    client.echoes("echoDoubleList", Keys.Client::echoDoubleList, List.of(0.5, -1e-7, 1.0));
    client.echoes("echoStringList", Keys.Client::echoStringList, List.of("a", "", "ü"));
    client.echoes("echoBinaryList", Keys.Client::echoBinaryList, List.of(bytes(), bytes(0x80)));
    client.echoes(
        "echoChoiceList", Keys.Client::echoChoiceList, List.of(Choice.text("x"), Choice.number(1L << 40)));
    List<List<Integer>> inner = List.of(List.of(1), List.of(2, 3));
    client.echoes(
        "echoNestedList", Keys.Client::echoNestedList, List.of(List.of(), inner, List.of(List.of())));
    client.echoes(
        "echoMixedList",
        Keys.Client::echoMixedList,
        List.of(Map.of("s", Set.of((short) 1, (short) 2)), Map.of(), Map.of("", Set.of())));
    client.echoes("echoPath", Keys.Client::echoPath, List.of(1, 2, 3));
  }

  private static void setsAndMaps(Client client) throws TException {
    client.echoes("echoI64Set", Keys.Client::echoI64Set, Set.of((1L << 53) + 1, -1L), Set.of());
    client.echoes("echoStringSet", Keys.Client::echoStringSet, Set.of("b", "a"));
    client.echoes("echoColorSet", Keys.Client::echoColorSet, Set.of(Color.BLUE, Color.GREEN));
    client.echoes("echoStringMap", Keys.Client::echoStringMap, Map.of("a", 1, "", -1), Map.of());
    client.echoes("echoBoolMap", Keys.Client::echoBoolMap, Map.of(true, "t", false, "f"));
    client.echoes(
        "echoI8Map", Keys.Client::echoI8Map, Map.of((byte) -1, (short) 300, (byte) 1, (short) -300));
    client.echoes("echoI64Map", Keys.Client::echoI64Map, Map.of((1L << 53) + 1, Long.MIN_VALUE, 16L, 10L));
    client.echoes("echoDoubleMap", Keys.Client::echoDoubleMap, Map.of(0.1, "tenth", -2.5, ""));
    client.echoes(
        "echoBinaryMap", Keys.Client::echoBinaryMap, Map.of(bytes(255, 0), bytes(), bytes('k'), bytes(0x80)));
    client.echoes("echoColorMap", Keys.Client::echoColorMap, Map.of(Color.INFRARED, new Point(1, 1)));
    client.echoes(
        "echoNestedMap",
        Keys.Client::echoNestedMap,
        Map.of("x", Map.of(1, List.of(new Point(1, 2)), 2, List.of())));
  }

  static void keys(Client client) throws TException {
    Cell named = new Cell(1, 2).setName("n");
    client.echoes("echoStructMap", Keys.Client::echoStructMap, Map.of(new Cell(1, 2), "a", named, "b"));
    client.echoes("echoUnionMap", Keys.Client::echoUnionMap, Map.of(Key.number(1), 1, Key.text("1"), 2));
    client.echoes("echoListMap", Keys.Client::echoListMap, Map.of(List.of(1, 2), "a", List.of(), "b"));
    client.echoes("echoSetMap", Keys.Client::echoSetMap, Map.of(Set.of("a", "b"), List.of(new Cell(0, 0))));
    client.echoes("echoMapMap", Keys.Client::echoMapMap, Map.of(Map.of("a", 1), 1L << 40));
    client.echoes("echoStructSet", Keys.Client::echoStructSet, Set.of(new Cell(1, 1), new Cell(1, 2)));
    client.echoes("echoListSet", Keys.Client::echoListSet, Set.of(List.of(1L), List.of(1L, 2L)));
  }
}
