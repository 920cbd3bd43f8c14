using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>
/// The host passes over a setting that stands in the wrong place, and says nothing: so every one is checked by its place.
/// </summary>
public sealed class HostSettingsTests
{
    /// <summary>The sections that are used, as the host and its extensions define them (learn.microsoft.com: host.json reference,
    /// Durable Functions settings; the options classes of the extensions).</summary>
    private static readonly Dictionary<string, string> Known = new()
    {
        [""] =
            "version functionTimeout telemetryMode logging extensions concurrency retry singleton healthMonitor watchDirectories "
            + "managedDependency customHandler aggregator extensionBundle",
        ["logging"] = "fileLoggingMode logLevel console applicationInsights",
        ["extensions"] = "http blobs queues durableTask eventGrid",
        ["extensions.http"] = "routePrefix maxOutstandingRequests maxConcurrentRequests dynamicThrottlesEnabled hsts customHeaders",
        ["extensions.blobs"] = "maxDegreeOfParallelism poisonBlobThreshold",
        ["extensions.queues"] = "maxPollingInterval visibilityTimeout batchSize maxDequeueCount newBatchThreshold messageEncoding",
        ["extensions.durableTask"] =
            "hubName defaultVersion versionMatchStrategy versionFailureStrategy storageProvider tracing httpSettings notifications "
            + "maxConcurrentActivityFunctions "
            + "maxConcurrentOrchestratorFunctions maxConcurrentEntityFunctions maxEntityOperationBatchSize localRpcEndpointEnabled "
            + "extendedSessionsEnabled "
            + "extendedSessionIdleTimeoutInSeconds maxOrchestrationActions overridableExistingInstanceStates "
            + "storeInputsInOrchestrationHistory useGracefulShutdown useAppLease grpc",
        ["extensions.durableTask.storageProvider"] =
            "type connectionName connectionStringName controlQueueBatchSize controlQueueBufferThreshold controlQueueVisibilityTimeout "
            + "fetchLargeMessagesAutomatically "
            + "maxQueuePollingInterval partitionCount trackingStoreConnectionName trackingStoreNamePrefix useLegacyPartitionManagement "
            + "useTablePartitionManagement "
            + "workItemQueueVisibilityTimeout queueClientMessageEncoding allowReplayingTerminalInstances",
        ["extensions.durableTask.tracing"] =
            "distributedTracingEnabled distributedTracingProtocol version traceInputsAndOutputs traceReplayEvents",
    };

    private static JsonObject Host => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "host.json")))!.AsObject();

    [Fact]
    public void Every_setting_stands_where_the_host_looks_for_it()
    {
        var wrong = new List<string>();
        Check(Host, "", wrong);
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_settings_are_what_the_platform_builds_on()
    {
        var durable = Host["extensions"]!["durableTask"]!;
        Assert.Equal("2.0", (string)Host["version"]!);
        Assert.Equal("", (string)Host["extensions"]!["http"]!["routePrefix"]!);
        Assert.Equal("OpenTelemetry", (string)Host["telemetryMode"]!);
        Assert.Equal("ServerlessMl", (string)durable["hubName"]!);
        Assert.Equal(
            ("AzureStorage", "AzureWebJobsStorage"),
            ((string)durable["storageProvider"]!["type"]!, (string)durable["storageProvider"]!["connectionName"]!)
        );
        Assert.InRange((int)durable["maxConcurrentActivityFunctions"]!, 1, 32);
        // A run in flight goes on with a newer app; one of a newer app never runs on an older one.
        Assert.Equal(("CurrentOrOlder", "Reject"), ((string)durable["versionMatchStrategy"]!, (string)durable["versionFailureStrategy"]!));
        Assert.True(Version.TryParse((string)durable["defaultVersion"]!, out _));
        // What an instance asks of the storage account while it has nothing to do is computed in infra/COSTS.md from these.
        Assert.Equal(
            (2, "00:00:30"),
            ((int)durable["storageProvider"]!["partitionCount"]!, (string)durable["storageProvider"]!["maxQueuePollingInterval"]!)
        );
        Assert.Equal("00:01:00", (string)Host["extensions"]!["queues"]!["maxPollingInterval"]!);
        // One app has this hub: a lease on all of it would be renewed for nothing.
        Assert.False((bool)durable["useAppLease"]!);
        // A retried run starts again under its id.
        Assert.Equal("NonRunningStates", (string)durable["overridableExistingInstanceStates"]!);
    }

    [Fact]
    public void The_sample_of_local_settings_is_one()
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "local.settings.sample.json")))!;
        Assert.Equal("dotnet-isolated", (string)settings["Values"]!["FUNCTIONS_WORKER_RUNTIME"]!);
        Assert.Equal("UseDevelopmentStorage=true", (string)settings["Values"]!["AzureWebJobsStorage"]!);
        Assert.All(settings["Values"]!.AsObject(), value => Assert.Equal(JsonValueKind.String, value.Value!.GetValueKind()));
    }

    private static void Check(JsonObject section, string path, List<string> wrong)
    {
        foreach (var (name, value) in section)
        {
            if (!Known[path].Split(' ').Contains(name))
            {
                wrong.Add($"{path}.{name}");
            }

            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (value is JsonObject child && (Known.ContainsKey(inner) || inner != "logging.logLevel"))
            {
                Check(child, inner, wrong);
            }
        }
    }
}
