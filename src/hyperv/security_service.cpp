#include "src/hyperv/security_service.hpp"

#include <array>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "reconciler/concurrency.hpp"
#include "src/hyperv/host_error.hpp"
#include "src/hyperv/names.hpp"

namespace hvsec::hyperv {
namespace {

// All four keys are sent as the host has them: which of them suffice, and what the host calls
// itself, is the host's affair.
constexpr std::array<std::string_view, 4> key_names = {"SystemCreationClassName", "SystemName",
                                                       "CreationClassName", "Name"};

// The name of the one parameter that all of the service's methods share.
constexpr std::string_view settings_parameter = "SecuritySettingData";

std::string keys_query() {
  std::string wql = "SELECT ";
  for (const std::string_view name : key_names)
    wql.append(name).append(name == key_names.back() ? " FROM " : ", ");
  return wql.append(security_service_class);
}

Result<cim::ObjectPath> path_of(const std::vector<cim::Instance>& services) {
  if (services.empty())
    return fail(ErrorKind::terminal,
                "the host shows no " + std::string(security_service_class) +
                    ": it needs Windows Server 2016 or later, and the account needs to be in "
                    "Hyper-V Administrators");
  cim::ObjectPath path{
      std::string(virtualization_namespace), std::string(security_service_class), {}};
  for (const std::string_view name : key_names) {
    const auto value = services.front().text(name);
    if (!value)
      return fail(ErrorKind::invalid, "the host's " + std::string(security_service_class) +
                                          " has no " + std::string(name));
    path.keys.emplace(name, *value);
  }
  return path;
}

}  // namespace

struct SecurityService::Question {
  explicit Question(boost::asio::any_io_executor executor) : ended(std::move(executor)) {}

  Bell ended;
  std::optional<Result<cim::ObjectPath>> answer;  // None when who asked was cancelled.
};

SecurityService::SecurityService(cim::Session& session) : session_(session) {}
SecurityService::~SecurityService() = default;

awaitable<Result<cim::ObjectPath>> SecurityService::path() {
  while (!path_ && asking_) {
    const auto question = asking_;
    co_await question->ended.wait();
    if (question->answer) co_return *question->answer;
    if (question == asking_) co_return fail(ErrorKind::cancelled, "cancelled");
  }
  if (path_) co_return *path_;
  const auto question = std::make_shared<Question>(co_await boost::asio::this_coro::executor);
  const struct Asking {
    SecurityService& service;
    Question& question;
    ~Asking() {
      service.asking_.reset();
      question.ended.ring();
    }
  } asking{*this, *question};
  asking_ = question;
  auto found = co_await ask();
  const bool cancelled = !found && found.error().kind == ErrorKind::cancelled;
  if (!cancelled) question->answer = found;
  if (found) path_ = *found;
  co_return found;
}

awaitable<Result<cim::ObjectPath>> SecurityService::ask() {
  cim::Query query{std::string(virtualization_namespace), keys_query()};
  const auto services = co_await session_.enumerate(std::move(query));
  if (!services) co_return fail(explained(services.error()));
  co_return path_of(*services);
}

awaitable<Result<cim::MethodResult>> SecurityService::call(std::string method,
                                                           std::string security_settings) {
  const auto service = co_await path();
  if (!service) co_return fail(service.error());
  cim::ObjectPath object = *service;
  std::vector<cim::Property> in;
  in.push_back({std::string(settings_parameter), std::move(security_settings)});
  auto result = co_await session_.invoke(std::move(object), std::move(method), std::move(in));
  if (result) co_return result;
  Error error = explained(result.error());
  if (is_not_found(error)) {
    path_.reset();
    error.kind = ErrorKind::transient;
  }
  co_return fail(std::move(error));
}

}  // namespace hvsec::hyperv
