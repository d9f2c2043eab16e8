// Aliases, and with it Keys and Everything, on Apache's C++ library.

#include <chrono>
#include <mutex>

#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/THttpServer.h>
#include <thrift/transport/TServerSocket.h>

#include "Aliases.h"
#include "everything_constants.h"
#include "serving.h"
#include "shared_constants.h"

namespace {

#define ECHO_VALUE(name, ...) \
  __VA_ARGS__ name(const __VA_ARGS__ value) override { return value; }
#define ECHO_OBJECT(name, ...) \
  void name(__VA_ARGS__& _return, const __VA_ARGS__& value) override { _return = value; }

class Handler : public aliases::AliasesIf {
 public:
  ECHO_VALUE(echoTimestamp, shared::Timestamp)
  ECHO_VALUE(echoBool, bool)
  ECHO_VALUE(echoI8, int8_t)
  ECHO_VALUE(echoI16, int16_t)
  ECHO_VALUE(echoI32, int32_t)
  ECHO_VALUE(echoI64, int64_t)
  ECHO_VALUE(echoDouble, double)
  ECHO_OBJECT(echoString, std::string)
  ECHO_OBJECT(echoBinary, std::string)
  ECHO_VALUE(echoColor, everything::Color::type)
  ECHO_VALUE(echoLength, everything::Length)
  ECHO_OBJECT(echoPoint, everything::Point)
  ECHO_OBJECT(echoScalars, everything::Scalars)
  ECHO_OBJECT(echoPresence, everything::Presence)
  ECHO_OBJECT(echoChoice, everything::Choice)
  ECHO_OBJECT(echoTree, everything::Tree)
  ECHO_OBJECT(echoChain, everything::Chain)
  ECHO_OBJECT(echoEverything, everything::AllTypes)
  ECHO_OBJECT(echoBoolList, std::vector<bool>)
  ECHO_OBJECT(echoI8List, std::vector<int8_t>)
  ECHO_OBJECT(echoI64List, std::vector<int64_t>)
  ECHO_OBJECT(echoDoubleList, std::vector<double>)
  ECHO_OBJECT(echoStringList, std::vector<std::string>)
  ECHO_OBJECT(echoBinaryList, std::vector<std::string>)
  ECHO_OBJECT(echoChoiceList, std::vector<everything::Choice>)
  ECHO_OBJECT(echoNestedList, std::vector<std::vector<std::vector<int32_t>>>)
  ECHO_OBJECT(echoMixedList, std::vector<std::map<std::string, std::set<int16_t>>>)
  ECHO_OBJECT(echoPath, everything::Path)
  ECHO_OBJECT(echoI64Set, std::set<int64_t>)
  ECHO_OBJECT(echoStringSet, std::set<std::string>)
  ECHO_OBJECT(echoColorSet, std::set<everything::Color::type>)
  ECHO_OBJECT(echoStringMap, std::map<std::string, int32_t>)
  ECHO_OBJECT(echoBoolMap, std::map<bool, std::string>)
  ECHO_OBJECT(echoI8Map, std::map<int8_t, int16_t>)
  ECHO_OBJECT(echoI64Map, std::map<int64_t, int64_t>)
  ECHO_OBJECT(echoDoubleMap, std::map<double, std::string>)
  ECHO_OBJECT(echoBinaryMap, std::map<std::string, std::string>)
  ECHO_OBJECT(echoColorMap, std::map<everything::Color::type, everything::Point>)
  ECHO_OBJECT(echoNestedMap, std::map<std::string, std::map<int32_t, std::vector<everything::Point>>>)
  ECHO_OBJECT(echoStructMap, std::map<keys::Cell, std::string>)
  ECHO_OBJECT(echoUnionMap, std::map<keys::Key, int32_t>)
  ECHO_OBJECT(echoListMap, std::map<std::vector<int32_t>, std::string>)
  ECHO_OBJECT(echoSetMap, std::map<std::set<std::string>, std::vector<keys::Cell>>)
  ECHO_OBJECT(echoMapMap, std::map<std::map<std::string, int32_t>, int64_t>)
  ECHO_OBJECT(echoStructSet, std::set<keys::Cell>)
  ECHO_OBJECT(echoListSet, std::set<std::vector<int64_t>>)
  ECHO_VALUE(echoLevel, aliases::Level::type)
  ECHO_OBJECT(echoLevelList, std::vector<aliases::Level::type>)
  ECHO_OBJECT(echoLevelMap, std::map<aliases::Level::type, everything::Color::type>)

  void ping() override {}

  void version(std::string& _return) override { _return = shared::g_shared_constants.VERSION; }

  void join(std::string& _return, const std::string& separator, const std::string& text,
            const int32_t times) override {
    for (int32_t i = 0; i < times; ++i) {
      _return += (i == 0 ? "" : separator) + text;
    }
  }

  int32_t answer() override { return everything::g_everything_constants.ANSWER; }

  void emptyList(std::vector<std::string>&) override {}
  void emptySet(std::set<int32_t>&) override {}
  void emptyMap(std::map<std::string, everything::Point>&) override {}

  void fail(std::string& _return, const std::string& kind) override {
    if (kind == "fault") {
      shared::Fault error;
      error.__set_severity(shared::Severity::FATAL);
      error.__set_message("broken");
      error.__set_at(1700000000000);
      throw error;
    }
    failVoid(kind);
    _return = kind;
  }

  void failVoid(const std::string& kind) override {
    if (kind == "notFound") {
      everything::NotFound error;
      error.__set_name("it");
      throw error;
    }
    if (kind == "denied") {
      everything::Point where;
      where.__set_x(1);
      where.__set_y(-1);
      everything::Denied error;
      error.__set_reason("no");
      error.__set_where({where});
      throw error;
    }
    if (kind == "undeclared") {
      throw std::runtime_error("not in the throws list");
    }
  }

  int32_t slow(const int32_t milliseconds) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    return milliseconds;
  }

  void notify(const std::string& event) override {
    std::lock_guard<std::mutex> lock(mutex_);
    events_.push_back(event);
  }

  void notified(std::vector<std::string>& _return) override {
    std::lock_guard<std::mutex> lock(mutex_);
    _return = events_;
  }

  void reset() override {
    std::lock_guard<std::mutex> lock(mutex_);
    events_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> events_;
};

class Announcer : public apache::thrift::server::TServerEventHandler {
 public:
  explicit Announcer(std::shared_ptr<apache::thrift::transport::TServerSocket> socket)
      : socket_(std::move(socket)) {}
  void preServe() override { serving::announce(socket_->getPort()); }

 private:
  std::shared_ptr<apache::thrift::transport::TServerSocket> socket_;
};

std::shared_ptr<serving::TTransportFactory> transport(const std::string& name) {
  using namespace apache::thrift::transport;
  if (name == "framed") {
    return std::make_shared<TFramedTransportFactory>();
  }
  if (name == "buffered") {
    return std::make_shared<TBufferedTransportFactory>();
  }
  if (name == "http") {
    return std::make_shared<THttpServerTransportFactory>();
  }
  throw std::runtime_error("no transport " + name);
}

}  // namespace

int main(int argc, char** argv) {
  auto flags = serving::flags(argc, argv);
  serving::endWithStdin();
  auto socket = std::make_shared<apache::thrift::transport::TServerSocket>(
      "127.0.0.1", std::stoi(serving::flag(flags, "--port", "0")));
  apache::thrift::server::TThreadedServer server(
      std::make_shared<aliases::AliasesProcessor>(std::make_shared<Handler>()), socket,
      transport(serving::flag(flags, "--transport", "framed")),
      serving::protocol(serving::flag(flags, "--protocol", "binary")));
  server.setServerEventHandler(std::make_shared<Announcer>(socket));
  server.serve();
}
