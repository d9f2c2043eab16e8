import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/** The methods of Keys that answer their argument. */
abstract class Echoes implements Keys.Iface {
  @Override
  public long echoTimestamp(long value) {
    return value;
  }

  @Override
  public boolean echoBool(boolean value) {
    return value;
  }

  @Override
  public byte echoI8(byte value) {
    return value;
  }

  @Override
  public short echoI16(short value) {
    return value;
  }

  @Override
  public int echoI32(int value) {
    return value;
  }

  @Override
  public long echoI64(long value) {
    return value;
  }

  @Override
  public double echoDouble(double value) {
    return value;
  }

  @Override
  public String echoString(String value) {
    return value;
  }

  @Override
  public ByteBuffer echoBinary(ByteBuffer value) {
    return value;
  }

  @Override
  public Color echoColor(Color value) {
    return value;
  }

  @Override
  public int echoLength(int value) {
    return value;
  }

  @Override
  public Point echoPoint(Point value) {
    return value;
  }

  @Override
  public Scalars echoScalars(Scalars value) {
    return value;
  }

  @Override
  public Presence echoPresence(Presence value) {
    return value;
  }

  @Override
  public Choice echoChoice(Choice value) {
    return value;
  }

  @Override
  public Tree echoTree(Tree value) {
    return value;
  }

  @Override
  public Chain echoChain(Chain value) {
    return value;
  }

  @Override
  public AllTypes echoEverything(AllTypes value) {
    return value;
  }

  @Override
  public List<Boolean> echoBoolList(List<Boolean> value) {
    return value;
  }

  @Override
  public List<Byte> echoI8List(List<Byte> value) {
    return value;
  }

  @Override
  public List<Long> echoI64List(List<Long> value) {
    return value;
  }

  @Override
  public List<Double> echoDoubleList(List<Double> value) {
    return value;
  }

  @Override
  public List<String> echoStringList(List<String> value) {
    return value;
  }

  @Override
  public List<ByteBuffer> echoBinaryList(List<ByteBuffer> value) {
    return value;
  }

  @Override
  public List<Choice> echoChoiceList(List<Choice> value) {
    return value;
  }

  @Override
  public List<List<List<Integer>>> echoNestedList(List<List<List<Integer>>> value) {
    return value;
  }

  @Override
  public List<Map<String, Set<Short>>> echoMixedList(List<Map<String, Set<Short>>> value) {
    return value;
  }

  @Override
  public List<Integer> echoPath(List<Integer> value) {
    return value;
  }

  @Override
  public Set<Long> echoI64Set(Set<Long> value) {
    return value;
  }

  @Override
  public Set<String> echoStringSet(Set<String> value) {
    return value;
  }

  @Override
  public Set<Color> echoColorSet(Set<Color> value) {
    return value;
  }

  @Override
  public Map<String, Integer> echoStringMap(Map<String, Integer> value) {
    return value;
  }

  @Override
  public Map<Boolean, String> echoBoolMap(Map<Boolean, String> value) {
    return value;
  }

  @Override
  public Map<Byte, Short> echoI8Map(Map<Byte, Short> value) {
    return value;
  }

  @Override
  public Map<Long, Long> echoI64Map(Map<Long, Long> value) {
    return value;
  }

  @Override
  public Map<Double, String> echoDoubleMap(Map<Double, String> value) {
    return value;
  }

  @Override
  public Map<ByteBuffer, ByteBuffer> echoBinaryMap(Map<ByteBuffer, ByteBuffer> value) {
    return value;
  }

  @Override
  public Map<Color, Point> echoColorMap(Map<Color, Point> value) {
    return value;
  }

  @Override
  public Map<String, Map<Integer, List<Point>>> echoNestedMap(Map<String, Map<Integer, List<Point>>> value) {
    return value;
  }

  @Override
  public Map<Cell, String> echoStructMap(Map<Cell, String> value) {
    return value;
  }

  @Override
  public Map<Key, Integer> echoUnionMap(Map<Key, Integer> value) {
    return value;
  }

  @Override
  public Map<List<Integer>, String> echoListMap(Map<List<Integer>, String> value) {
    return value;
  }

  @Override
  public Map<Set<String>, List<Cell>> echoSetMap(Map<Set<String>, List<Cell>> value) {
    return value;
  }

  @Override
  public Map<Map<String, Integer>, Long> echoMapMap(Map<Map<String, Integer>, Long> value) {
    return value;
  }

  @Override
  public Set<Cell> echoStructSet(Set<Cell> value) {
    return value;
  }

  @Override
  public Set<List<Long>> echoListSet(Set<List<Long>> value) {
    return value;
  }
}
