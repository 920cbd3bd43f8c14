using System.Text.Json;

namespace Serverless.Pipelines.Model;

/// <summary>What a container job needs.</summary>
public sealed record ResourceSpec
{
    public double? Cpu { get; init; }

    /// <summary>As Kubernetes writes it: `4Gi`.</summary>
    public string? Memory { get; init; }

    public string? Gpu { get; init; }

    public string? Image { get; init; }

    /// <summary>How many of <see cref="Gpu"/>; one if it is named and nothing else is said.</summary>
    public int? GpuCount { get; init; }

    /// <summary>What is reserved, if it is less than the limits <see cref="Cpu"/> and <see cref="Memory"/>.</summary>
    public double? CpuRequest { get; init; }

    public string? MemoryRequest { get; init; }
}

/// <summary>What a container platform gives to a task besides its resources.</summary>
public sealed record PlatformSpec
{
    /// <summary>Environment whose values the platform's secret store holds: no value ever passes through here.</summary>
    public IReadOnlyList<SecretVariable> Secrets { get; init; } = [];

    /// <summary>
    /// Settings of one platform, as its own format writes them (Kubernetes: volumes, node selector, tolerations, config maps).
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = new Dictionary<string, JsonElement>();
}

/// <summary>An environment variable out of a platform's secret.</summary>
/// <param name="Variable">The variable's name in the task's environment.</param>
/// <param name="Secret">The secret.</param>
/// <param name="Key">Which of the secret's entries.</param>
/// <param name="IsOptional">True: a task without it runs all the same.</param>
public sealed record SecretVariable(string Variable, string Secret, string Key, bool IsOptional = false);
