using System.Globalization;
using Serverless.Core;

namespace Serverless.Pipelines.Jobs;

/// <summary>
/// The options of container jobs (Azure Container Apps). If they are not set, tasks with resource requirements run as subprocesses.
/// </summary>
public sealed record ContainerJobOptions
{
    public const string JobSetting = "MLOPS_JOBS_RESOURCE_ID";
    public const string ContainerSetting = "MLOPS_JOBS_CONTAINER";
    public const string LauncherSetting = "MLOPS_JOBS_LAUNCHER";
    public const string DeadlineSetting = "MLOPS_JOBS_START_DEADLINE";
    public const string EndpointSetting = "MLOPS_JOBS_ENDPOINT";
    public const string IdentitySetting = "AZURE_CLIENT_ID";

    /// <summary>Gets the job to start: /subscriptions/…/providers/Microsoft.App/jobs/NAME.</summary>
    public required string JobId { get; init; }

    /// <summary>
    /// Gets the jobs on GPUs, if they differ from <see cref="JobId"/>, by `t4` and `a100` (MLOPS_JOBS_RESOURCE_ID_T4, …_A100).
    /// </summary>
    public IReadOnlyDictionary<string, string> GpuJobIds { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the container of the job's template that runs the task; null for the first one.</summary>
    public string? Container { get; init; }

    /// <summary>Gets the launcher inside the task's image.</summary>
    public string Launcher { get; init; } = "mlops";

    /// <summary>Gets how long an execution may take to start, for example to pull a large image or to wait for a GPU.</summary>
    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Gets the endpoint of Azure Resource Manager, which differs in a sovereign cloud.</summary>
    public Uri Endpoint { get; init; } = new("https://management.azure.com");

    /// <summary>Gets the identity that starts jobs; null for the one that the environment offers.</summary>
    public string? ClientId { get; init; }

    /// <summary>Gets how often an execution that the platform ended is replaced, in addition to the task's own retries.</summary>
    public int Restarts { get; init; } = 3;

    /// <summary>Reads the options from the environment. Returns null if no job is configured.</summary>
    public static ContainerJobOptions? From(Func<string, string?> setting)
    {
        if (Given(JobSetting) is not { } job)
        {
            return null;
        }

        var options = new ContainerJobOptions
        {
            JobId = job,
            Container = Given(ContainerSetting),
            ClientId = Given(IdentitySetting),
        };
        var gpus = JobSize
            .Gpus.Select(gpu => (gpu, Id: Given($"{JobSetting}_{gpu.ToUpperInvariant()}")))
            .Where(g => g.Id is not null)
            .ToDictionary(g => g.gpu, g => g.Id!);
        options = options with
        {
            GpuJobIds = gpus,
            Launcher = Given(LauncherSetting) ?? options.Launcher,
            Endpoint = Given(EndpointSetting) is { } endpoint ? new Uri(endpoint, UriKind.RelativeOrAbsolute) : options.Endpoint,
            StartDeadline = Given(DeadlineSetting) is { } text
                ? TimeSpan.FromSeconds(
                    double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : -1
                )
                : options.StartDeadline,
        };
        return options.Validate() is { Count: > 0 } found
            ? throw ServerlessException.Invalid("The settings of container jobs are not valid.", found)
            : options;

        string? Given(string name) => setting(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Returns all problems of these options.</summary>
    public IReadOnlyList<Diagnostic> Validate()
    {
        var found = new List<Diagnostic>();
        foreach (var id in GpuJobIds.Values.Prepend(JobId))
        {
            if (id.Split('/') is not ["", "subscriptions", _, "resourceGroups", _, "providers", "Microsoft.App", "jobs", { Length: > 0 }])
            {
                found.Add(
                    new Diagnostic(
                        JobSetting,
                        0,
                        $"'{id}' is not a valid container job id.",
                        "Use an id that begins with /subscriptions/ and ends with /providers/Microsoft.App/jobs/NAME."
                    )
                );
            }
        }

        if (!Endpoint.IsAbsoluteUri || !(Endpoint.Scheme == Uri.UriSchemeHttps || Endpoint.IsLoopback))
        {
            found.Add(
                new Diagnostic(
                    EndpointSetting,
                    0,
                    $"'{Endpoint}' is not an https URL.",
                    "Remove the setting to use the default, https://management.azure.com."
                )
            );
        }

        if (StartDeadline <= TimeSpan.Zero)
        {
            found.Add(
                new Diagnostic(
                    DeadlineSetting,
                    0,
                    "The deadline is not a number of seconds above 0.",
                    "Set a number of seconds. The default is 1200."
                )
            );
        }

        return found;
    }
}
