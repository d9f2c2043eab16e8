import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.thrift.TException;
import org.apache.thrift.TProcessor;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TIOStreamTransport;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TTransportException;
import org.example.everything.Denied;
import org.example.everything.NotFound;
import org.example.everything.Point;
import org.example.everything.everythingConstants;
import org.example.keys.Keys;
import org.example.shared.Fault;
import org.example.shared.Severity;
import org.example.shared.sharedConstants;

/** Keys, and with it Everything, on Apache's Java library. */
public class EverythingServer {
  private static class Handler extends Echoes {
    private final List<String> events = new ArrayList<>();

    @Override
    public void ping() {}

    @Override
    public String version() {
      return sharedConstants.VERSION;
    }

    @Override
    public String join(String separator, String text, int times) {
      return String.join(separator, Collections.nCopies(times, text));
    }

    @Override
    public int answer() {
      return everythingConstants.ANSWER;
    }

    @Override
    public List<String> emptyList() {
      return new ArrayList<>();
    }

    @Override
    public Set<Integer> emptySet() {
      return new HashSet<>();
    }

    @Override
    public Map<String, Point> emptyMap() {
      return new HashMap<>();
    }

    @Override
    public String fail(String kind) throws TException {
      if (kind.equals("fault")) {
        throw new Fault(Severity.FATAL, "broken").setAt(1700000000000L);
      }
      failVoid(kind);
      return kind;
    }

    @Override
    public void failVoid(String kind) throws TException {
      switch (kind) {
        case "notFound":
          throw new NotFound("it");
        case "denied":
          throw new Denied().setReason("no").setWhere(List.of(new Point(1, -1)));
        case "undeclared":
          throw new IllegalStateException("not in the throws list");
        default:
      }
    }

    @Override
    public int slow(int milliseconds) throws TException {
      try {
        Thread.sleep(milliseconds);
      } catch (InterruptedException error) {
        throw new TException(error);
      }
      return milliseconds;
    }

    @Override
    public synchronized void notify(String event) {
      events.add(event);
    }

    @Override
    public synchronized List<String> notified() {
      return new ArrayList<>(events);
    }

    @Override
    public synchronized void reset() {
      events.clear();
    }
  }

  public static void main(String[] words) throws Exception {
    Map<String, String> flags = Peer.flags(words);
    TProtocolFactory protocol = Peer.protocol(flags.getOrDefault("--protocol", "binary"));
    String transport = flags.getOrDefault("--transport", "framed");
    int port = Integer.parseInt(flags.getOrDefault("--port", "0"));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    TProcessor processor = new Keys.Processor<>(new Handler());
    endWithStdin();
    if (transport.equals("http")) {
      serveHttp(processor, protocol, address);
    } else {
      serve(processor, protocol, transport, address);
    }
  }

  private static void serve(
      TProcessor processor, TProtocolFactory protocol, String transport, InetSocketAddress address)
      throws TTransportException {
    TServerSocket socket = new TServerSocket(address);
    System.out.println("listening " + socket.getServerSocket().getLocalPort());
    TThreadPoolServer.Args args =
        new TThreadPoolServer.Args(socket)
            .processor(processor)
            .protocolFactory(protocol)
            .transportFactory(Peer.transport(transport));
    new TThreadPoolServer(args).serve();
  }

  /** What the library's TServlet does, on the server of the JDK. */
  private static void serveHttp(TProcessor processor, TProtocolFactory protocol, InetSocketAddress address)
      throws IOException {
    HttpServer server = HttpServer.create(address, 0);
    server.createContext(
        "/",
        exchange -> {
          ByteArrayOutputStream reply = new ByteArrayOutputStream();
          try {
            TProtocol in = protocol.getProtocol(new TIOStreamTransport(exchange.getRequestBody()));
            processor.process(in, protocol.getProtocol(new TIOStreamTransport(reply)));
          } catch (TException error) {
            throw new IOException(error);
          }
          exchange.getResponseHeaders().set("Content-Type", "application/x-thrift");
          exchange.sendResponseHeaders(200, reply.size() == 0 ? -1 : reply.size());
          exchange.getResponseBody().write(reply.toByteArray());
          exchange.close();
        });
    server.start();
    System.out.println("listening " + server.getAddress().getPort());
  }

  /** Ends the process when its standard input closes, so that none outlives the driver. */
  private static void endWithStdin() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException error) {
                System.err.println(error);
              }
              Runtime.getRuntime().halt(0);
            });
    watch.setDaemon(true);
    watch.start();
  }
}
