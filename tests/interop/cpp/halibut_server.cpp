// HalibutTracking on TNonblockingServer, framed binary.

#include <thrift/server/TNonblockingServer.h>
#include <thrift/transport/TNonblockingServerSocket.h>

#include "HalibutTracking.h"
#include "serving.h"

namespace {

class Handler : public halibut::HalibutTrackingIf {
 public:
  double get_catch_in_pounds_today() override { return 1234.5; }

  double get_catch_in_pounds_by_date(const halibut::Date& date, const double minimum) override {
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) {
      halibut::InvalidDate error;
      error.__set_date(date);
      error.__set_reason("no such day");
      throw error;
    }
    double pounds = date.year / 10.0 + date.month + date.day / 100.0;
    return pounds < minimum ? 0 : pounds;
  }
};

class Announcer : public apache::thrift::server::TServerEventHandler {
 public:
  explicit Announcer(std::shared_ptr<apache::thrift::transport::TNonblockingServerSocket> socket)
      : socket_(std::move(socket)) {}
  void preServe() override { serving::announce(socket_->getListenPort()); }

 private:
  std::shared_ptr<apache::thrift::transport::TNonblockingServerSocket> socket_;
};

}  // namespace

int main() {
  serving::endWithStdin();
  auto socket = std::make_shared<apache::thrift::transport::TNonblockingServerSocket>("127.0.0.1", 0);
  auto processor = std::make_shared<halibut::HalibutTrackingProcessor>(std::make_shared<Handler>());
  apache::thrift::server::TNonblockingServer server(processor, serving::protocol("binary"), socket);
  server.setServerEventHandler(std::make_shared<Announcer>(socket));
  server.serve();
}
