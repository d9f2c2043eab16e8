// The checks of one cell.

#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <thrift/TApplicationException.h>

#include "Aliases.h"

// Equality that takes NaN for itself and tells -0.0 from 0.0.
template <typename T>
bool same(const T& left, const T& right) {
  return left == right;
}

inline bool same(const double& left, const double& right) {
  return (std::isnan(left) && std::isnan(right)) || std::memcmp(&left, &right, sizeof left) == 0;
}

// Runs checks over one URL. After an error the client is made anew, since the connection may be broken.
class Cell {
 public:
  using Client = aliases::AliasesClient;

  Cell(std::string url, std::string protocol) : url_(std::move(url)), protocol_(std::move(protocol)) { connect(); }

  Client& client() { return *client_; }

  void check(const std::string& name, const std::function<bool()>& call) {
    std::string detail = "another value came back";
    bool good = false;
    try {
      good = call();
    } catch (const std::exception& error) {
      detail = error.what();
      connect();
    }
    std::cout << (good ? "ok " + name : "FAIL " + name + " " + detail) << std::endl;
  }

  // Checks that a call throws an exception equal to this one.
  template <typename E>
  void throws(const std::string& name, const E& expected, const std::function<void()>& call) {
    check(name, [&] {
      try {
        call();
      } catch (const E& error) {
        return error == expected;
      }
      return false;
    });
  }

  // Checks that a method answers each of the values.
  template <typename T>
  void echoes(const std::string& name, T (Client::*method)(T), const std::vector<T>& values) {
    for (size_t i = 0; i < values.size(); ++i) {
      check(name + "." + std::to_string(i), [&] {
        T value = values[i];
        return same((client().*method)(value), value);
      });
    }
  }

  // The same for what is returned through a reference.
  template <typename T>
  void echoes(const std::string& name, void (Client::*method)(T&, const T&), const std::vector<T>& values) {
    for (size_t i = 0; i < values.size(); ++i) {
      check(name + "." + std::to_string(i), [&] {
        T answer{};
        (client().*method)(answer, values[i]);
        return answer == values[i];
      });
    }
  }

  void scalars();
  void structs();
  void containers();
  void maps();
  void keys();
  void aliases();
  void results();
  void exceptions();
  void oneway();

 private:
  void connect();
  // The type of the error that a method not in the IDL gives.
  int callUnknown();

  std::string url_;
  std::string protocol_;
  std::unique_ptr<Client> client_;
};
