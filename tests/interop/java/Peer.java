import java.util.HashMap;
import java.util.Map;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TTransportFactory;
import org.apache.thrift.transport.layered.TFramedTransport;

/** The command line of the Java peers. */
final class Peer {
  private Peer() {}

  /** The flags, each a name and a value. */
  static Map<String, String> flags(String[] words) {
    Map<String, String> found = new HashMap<>();
    for (int i = 0; i + 1 < words.length; i += 2) {
      found.put(words[i], words[i + 1]);
    }
    return found;
  }

  static TProtocolFactory protocol(String name) {
    switch (name) {
      case "binary":
        return new TBinaryProtocol.Factory();
      case "compact":
        return new TCompactProtocol.Factory();
      case "json":
        return new TJSONProtocol.Factory();
      default:
        throw new IllegalArgumentException("no protocol " + name);
    }
  }

  /** TSocket buffers by itself, so that buffered is no layer at all. */
  static TTransportFactory transport(String name) {
    switch (name) {
      case "framed":
        return new TFramedTransport.Factory();
      case "buffered":
        return new TTransportFactory();
      default:
        throw new IllegalArgumentException("no transport " + name);
    }
  }
}
