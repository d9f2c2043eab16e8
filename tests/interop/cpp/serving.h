// How every C++ peer listens: on loopback, telling its port, until its standard input closes.

#pragma once

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <thrift/TProcessor.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/TJSONProtocol.h>
#include <thrift/transport/TBufferTransports.h>

namespace serving {

using apache::thrift::protocol::TProtocolFactory;
using apache::thrift::transport::TTransportFactory;

// The flags of the command line, each a name and a value.
inline std::map<std::string, std::string> flags(int argc, char** argv) {
  std::map<std::string, std::string> found;
  for (int i = 1; i + 1 < argc; i += 2) {
    found[argv[i]] = argv[i + 1];
  }
  return found;
}

inline std::string flag(const std::map<std::string, std::string>& flags, const std::string& name,
                        const std::string& fallback) {
  auto found = flags.find(name);
  return found == flags.end() ? fallback : found->second;
}

inline std::shared_ptr<TProtocolFactory> protocol(const std::string& name) {
  using namespace apache::thrift::protocol;
  if (name == "binary") {
    return std::make_shared<TBinaryProtocolFactory>();
  }
  if (name == "compact") {
    return std::make_shared<TCompactProtocolFactory>();
  }
  if (name == "json") {
    return std::make_shared<TJSONProtocolFactory>();
  }
  throw std::runtime_error("no protocol " + name);
}

inline void announce(int port) {
  std::cout << "listening " << port << std::endl;
}

// Ends the process when its standard input closes, so that none outlives the driver.
inline void endWithStdin() {
  std::thread([] {
    char buffer[64];
    while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) {
    }
    std::_Exit(0);
  }).detach();
}

}  // namespace serving
