import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.thrift.TBase;
import org.apache.thrift.TDeserializer;
import org.apache.thrift.TSerializer;

/**
 * Reads structs by generated code and writes them again. A line of input has the names of classes, of which the first
 * that exists is taken, and the bytes of a struct in the binary protocol, in hexadecimal digits. The answer is a line
 * of such digits, or one that begins with an exclamation mark and tells why the struct was refused.
 */
final class Rereader {
  private Rereader() {}

  public static void main(String[] words) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] parts = line.split(" ", 2);
      try {
        TBase<?, ?> struct = (TBase<?, ?>) find(parts[0]).getDeclaredConstructor().newInstance();
        new TDeserializer().deserialize(struct, HexFormat.of().parseHex(parts[1]));
        System.out.println(HexFormat.of().formatHex(new TSerializer().serialize(struct)));
      } catch (org.apache.thrift.TException error) {
        System.out.println("!" + error.toString().replace('\n', ' '));
      }
    }
  }

  private static Class<?> find(String names) throws ClassNotFoundException {
    for (String name : names.split(",")) {
      try {
        return Class.forName(name);
      } catch (ClassNotFoundException missing) {
        continue;
      }
    }
    throw new ClassNotFoundException(names);
  }
}
