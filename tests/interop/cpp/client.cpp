// Calls every method of Everything, as a user of Apache's C++ library does, and compares the values.
//
//   client --protocol P LABEL=URL...
//
// A URL is http://…, framed://HOST:PORT or buffered://HOST:PORT. A label that ends in `+keys` or `+keys+aliases` names a
// server that has these services too. Prints `cell LABEL`, then `ok NAME` or `FAIL NAME DETAIL` for each check.

#include "client.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <thrift/transport/THttpClient.h>
#include <thrift/transport/TSocket.h>

#include "serving.h"

namespace {

using namespace apache::thrift;
using transport::TTransport;

constexpr int kCallMilliseconds = 15000;

std::shared_ptr<TTransport> open(const std::string& url) {
  auto scheme = url.substr(0, url.find("://"));
  auto rest = url.substr(scheme.size() + 3);
  auto slash = rest.find('/');
  auto path = slash == std::string::npos ? "/" : rest.substr(slash);
  auto authority = rest.substr(0, slash);
  auto colon = authority.find(':');
  auto socket =
      std::make_shared<transport::TSocket>(authority.substr(0, colon), std::stoi(authority.substr(colon + 1)));
  socket->setRecvTimeout(kCallMilliseconds);
  std::shared_ptr<TTransport> layered;
  if (scheme == "http") {
    layered = std::make_shared<transport::THttpClient>(socket, authority.substr(0, colon), path);
  } else if (scheme == "framed") {
    layered = std::make_shared<transport::TFramedTransport>(socket);
  } else {
    layered = std::make_shared<transport::TBufferedTransport>(socket);
  }
  layered->open();
  return layered;
}

everything::Point point(int32_t x, int32_t y) {
  everything::Point made;
  made.__set_x(x);
  made.__set_y(y);
  return made;
}

}  // namespace

void Cell::connect() {
  client_ = std::make_unique<Client>(serving::protocol(protocol_)->getProtocol(open(url_)));
}

void Cell::results() {
  check("ping", [&] {
    client().ping();
    return true;
  });
  check("version", [&] {
    std::string answer;
    client().version(answer);
    return answer == "1.0";
  });
  check("join", [&] {
    std::string answer;
    client().join(answer, "+", "ab", 3);
    return answer == "ab+ab+ab";
  });
  check("answer", [&] { return client().answer() == 42; });
  check("emptyList", [&] {
    std::vector<std::string> answer;
    client().emptyList(answer);
    return answer.empty();
  });
  check("emptySet", [&] {
    std::set<int32_t> answer;
    client().emptySet(answer);
    return answer.empty();
  });
  check("emptyMap", [&] {
    std::map<std::string, everything::Point> answer;
    client().emptyMap(answer);
    return answer.empty();
  });
  check("slow", [&] { return client().slow(20) == 20; });
}

void Cell::exceptions() {
  auto fail = [this](const std::string& kind) {
    std::string answer;
    client().fail(answer, kind);
    return answer;
  };
  auto failVoid = [this](const std::string& kind) { client().failVoid(kind); };
  everything::NotFound notFound;
  notFound.__set_name("it");
  everything::Denied denied;
  denied.__set_reason("no");
  denied.__set_where({point(1, -1)});
  shared::Fault fault;
  fault.__set_severity(shared::Severity::FATAL);
  fault.__set_message("broken");
  fault.__set_at(1700000000000);
  check("fail.none", [&] { return fail("none") == "none"; });
  check("failVoid.none", [&] {
    failVoid("none");
    return true;
  });
  throws("fail.notFound", notFound, [&] { fail("notFound"); });
  throws("failVoid.notFound", notFound, [&] { failVoid("notFound"); });
  throws("fail.denied", denied, [&] { fail("denied"); });
  throws("failVoid.denied", denied, [&] { failVoid("denied"); });
  throws("fail.fault", fault, [&] { fail("fault"); });
  auto application = [](const std::function<void()>& call) {
    try {
      call();
    } catch (const TApplicationException&) {
      return true;
    }
    return false;
  };
  check("fail.undeclared", [&] { return application([&] { fail("undeclared"); }); });
  check("failVoid.undeclared", [&] { return application([&] { failVoid("undeclared"); }); });
  check("unknownMethod", [&] { return callUnknown() == TApplicationException::UNKNOWN_METHOD; });
  check("afterUnknownMethod", [&] { return client().answer() == 42; });
}

int Cell::callUnknown() {
  auto out = client().getOutputProtocol();
  out->writeMessageBegin("noSuchMethod", protocol::T_CALL, 0);
  out->writeStructBegin("noSuchMethod_args");
  out->writeFieldStop();
  out->writeStructEnd();
  out->writeMessageEnd();
  out->getTransport()->writeEnd();
  out->getTransport()->flush();
  auto in = client().getInputProtocol();
  std::string name;
  protocol::TMessageType type;
  int32_t sequence;
  in->readMessageBegin(name, type, sequence);
  TApplicationException error;
  if (type == protocol::T_EXCEPTION) {
    error.read(in.get());
  } else {
    in->skip(protocol::T_STRUCT);
  }
  in->readMessageEnd();
  in->getTransport()->readEnd();
  return error.getType();
}

void Cell::oneway() {
  auto reset = [this] {
    client().reset();
    return true;
  };
  auto notify = [this](const std::string& event) {
    client().notify(event);
    return true;
  };
  auto notified = [this] {
    std::vector<std::string> events;
    client().notified(events);
    std::sort(events.begin(), events.end());
    return events;
  };
  check("reset", reset);
  check("notify.first", [&] { return notify("one"); });
  check("notify.second", [&] { return notify("two"); });
  check("notified", [&] {
    for (int attempt = 0; attempt < 100 && notified().size() < 2; ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return notified() == std::vector<std::string>{"one", "two"};
  });
  check("reset.again", reset);
  check("notified.none", [&] { return notified().empty(); });
}

int main(int argc, char** argv) {
  std::string protocol = "binary";
  std::vector<std::string> cells;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--protocol") {
      protocol = argv[++i];
    } else {
      cells.push_back(word);
    }
  }
  for (const auto& word : cells) {
    auto split = word.find('=');
    std::string label = word.substr(0, split);
    std::cout << "cell " << label << std::endl;
    Cell cell(word.substr(split + 1), protocol);
    cell.results();
    cell.scalars();
    cell.structs();
    cell.containers();
    cell.maps();
    cell.exceptions();
    cell.oneway();
    if (label.find("+keys") != std::string::npos) {
      cell.keys();
    }
    if (label.find("+aliases") != std::string::npos) {
      cell.aliases();
    }
  }
}
