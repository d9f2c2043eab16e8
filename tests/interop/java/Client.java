import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.THttpClient;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.example.everything.Denied;
import org.example.everything.Everything;
import org.example.everything.NotFound;
import org.example.everything.Point;
import org.example.keys.Keys;
import org.example.shared.Fault;
import org.example.shared.Severity;

/**
 * Calls every method of Everything, as a user of Apache's Java library does, and compares the values.
 *
 * <p>Client --protocol P LABEL=URL... where a URL is http://…, framed://HOST:PORT or buffered://HOST:PORT. A label that
 * ends in `+keys` names a server that has this service too.
 * Prints `cell LABEL`, then `ok NAME` or `FAIL NAME DETAIL` for each check.
 */
public class Client {
  private static final int CALL_MILLISECONDS = 15000;

  /** A call of the present client. */
  interface Call {
    Object on(Keys.Client client) throws TException;
  }

  /** A method that answers its argument. */
  interface Echo<T> {
    T on(Keys.Client client, T value) throws TException;
  }

  /** The generated client, with a way to call a method that is not in the IDL. */
  private static class OpenClient extends Keys.Client {
    OpenClient(TProtocol protocol) {
      super(protocol);
    }

    Object callUnknown() throws TException {
      sendBase("noSuchMethod", new Everything.answer_args());
      Everything.answer_result result = new Everything.answer_result();
      receiveBase(result, "noSuchMethod");
      return result;
    }
  }

  private final String url;
  private final TProtocolFactory protocol;
  private TTransport transport;
  private OpenClient client;

  private Client(String url, TProtocolFactory protocol) throws TException {
    this.url = url;
    this.protocol = protocol;
    connect();
  }

  private void connect() throws TException {
    transport = open(URI.create(url));
    client = new OpenClient(protocol.getProtocol(transport));
  }

  private static TTransport open(URI url) throws TException {
    if (url.getScheme().equals("http")) {
      THttpClient http = new THttpClient(url.toString());
      http.setReadTimeout(CALL_MILLISECONDS);
      return http;
    }
    TSocket socket = new TSocket(url.getHost(), url.getPort(), CALL_MILLISECONDS);
    TTransport layered = Peer.transport(url.getScheme()).getTransport(socket);
    layered.open();
    return layered;
  }

  /** After an error the client is made anew, since the connection may be broken. */
  private Object outcome(Call call) throws TException {
    try {
      return call.on(client);
    } catch (TException | RuntimeException error) {
      transport.close();
      connect();
      return error;
    }
  }

  void check(String name, Call call, Object expected) throws TException {
    report(name, outcome(call), expected);
  }

  private static void report(String name, Object actual, Object expected) {
    if (Objects.deepEquals(actual, expected)) {
      System.out.println("ok " + name);
    } else {
      System.out.printf("FAIL %s %.200s is not %.200s%n", name, oneLine(actual), oneLine(expected));
    }
  }

  private static String oneLine(Object value) {
    return String.valueOf(value).replace("\n", "\\n");
  }

  @SafeVarargs
  final <T> void echoes(String name, Echo<T> echo, T... values) throws TException {
    for (int position = 0; position < values.length; position++) {
      T value = values[position];
      check(name + "." + position, client -> echo.on(client, value), value);
    }
  }

  private void results() throws TException {
    check("ping", client -> nothing(client::ping), null);
    check("version", Keys.Client::version, "1.0");
    check("join", client -> client.join("+", "ab", 3), "ab+ab+ab");
    check("answer", Keys.Client::answer, 42);
    check("emptyList", Keys.Client::emptyList, List.of());
    check("emptySet", Keys.Client::emptySet, java.util.Set.of());
    check("emptyMap", Keys.Client::emptyMap, java.util.Map.of());
    check("slow", client -> client.slow(20), 20);
  }

  private void exceptions() throws TException {
    Denied denied = new Denied().setReason("no").setWhere(List.of(new Point(1, -1)));
    Fault fault = new Fault(Severity.FATAL, "broken").setAt(1700000000000L);
    check("fail.none", client -> client.fail("none"), "none");
    check("failVoid.none", client -> nothing(() -> client.failVoid("none")), null);
    check("fail.notFound", client -> client.fail("notFound"), new NotFound("it"));
    check("failVoid.notFound", client -> nothing(() -> client.failVoid("notFound")), new NotFound("it"));
    check("fail.denied", client -> client.fail("denied"), denied);
    check("failVoid.denied", client -> nothing(() -> client.failVoid("denied")), denied);
    check("fail.fault", client -> client.fail("fault"), fault);
    application("fail.undeclared", client -> client.fail("undeclared"));
    application("failVoid.undeclared", client -> nothing(() -> client.failVoid("undeclared")));
    Object unknown = outcome(client -> ((OpenClient) client).callUnknown());
    int type = unknown instanceof TApplicationException ? ((TApplicationException) unknown).getType() : -1;
    report("unknownMethod", type, TApplicationException.UNKNOWN_METHOD);
    check("afterUnknownMethod", Keys.Client::answer, 42);
  }

  private void application(String name, Call call) throws TException {
    report(name, outcome(call).getClass(), TApplicationException.class);
  }

  private void oneway() throws TException {
    check("reset", client -> nothing(client::reset), null);
    check("notify.first", client -> nothing(() -> client.notify("one")), null);
    check("notify.second", client -> nothing(() -> client.notify("two")), null);
    check("notified", client -> new TreeSet<>(eventually(client)), new TreeSet<>(List.of("one", "two")));
    check("reset.again", client -> nothing(client::reset), null);
    check("notified.none", Keys.Client::notified, List.of());
  }

  private static List<String> eventually(Keys.Client client) throws TException {
    List<String> events = client.notified();
    for (int attempt = 0; attempt < 100 && events.size() < 2; attempt++) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException error) {
        throw new TException(error);
      }
      events = client.notified();
    }
    return events;
  }

  interface Action {
    void run() throws TException;
  }

  private static Object nothing(Action action) throws TException {
    action.run();
    return null;
  }

  public static void main(String[] words) throws TException {
    List<String> cells = new ArrayList<>(Arrays.asList(words));
    int flag = cells.indexOf("--protocol");
    TProtocolFactory protocol = Peer.protocol(cells.get(flag + 1));
    cells.subList(flag, flag + 2).clear();
    for (String cell : cells) {
      int split = cell.indexOf('=');
      String label = cell.substring(0, split);
      System.out.println("cell " + label);
      Client client = new Client(cell.substring(split + 1), protocol);
      client.results();
      Values.echoes(client);
      client.exceptions();
      client.oneway();
      if (label.contains("+keys")) {
        Values.keys(client);
      }
      client.transport.close();
    }
    System.exit(0);
  }
}
