using System.Text.Json;

namespace Serverless.Pipelines.Model;

/// <summary>The resource requirements of a container job.</summary>
public sealed record ResourceSpec
{
    public double? Cpu { get; init; }

    /// <summary>Gets the memory as a Kubernetes quantity: `4Gi`.</summary>
    public string? Memory { get; init; }

    public string? Gpu { get; init; }

    public string? Image { get; init; }

    /// <summary>Gets the number of <see cref="Gpu"/>. Default: one if a GPU is set.</summary>
    public int? GpuCount { get; init; }

    /// <summary>Gets the reserved resources, if they are lower than the limits <see cref="Cpu"/> and <see cref="Memory"/>.</summary>
    public double? CpuRequest { get; init; }

    public string? MemoryRequest { get; init; }
}

/// <summary>Settings of a task for a container platform besides its resources.</summary>
public sealed record PlatformSpec
{
    /// <summary>Gets the environment variables from the platform's secret store. Their values never pass through here.</summary>
    public IReadOnlyList<SecretVariable> Secrets { get; init; } = [];

    /// <summary>
    /// Gets the settings of one platform in its own format (Kubernetes: volumes, node selector, tolerations, config maps).
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = new Dictionary<string, JsonElement>();
}

/// <summary>An environment variable from a platform's secret.</summary>
/// <param name="Variable">The name of the variable in the task's environment.</param>
/// <param name="Secret">The secret.</param>
/// <param name="Key">The key within the secret.</param>
/// <param name="IsOptional">Whether the task runs without it.</param>
public sealed record SecretVariable(string Variable, string Secret, string Key, bool IsOptional = false);
