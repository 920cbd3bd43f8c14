using System.Globalization;
using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Jobs;

/// <summary>What a container gets, in the sizes that Azure Container Apps has.</summary>
/// <remarks>Source: learn.microsoft.com, "Workload profiles in Azure Container Apps" and "GPU types": on the consumption profile cores
/// come in quarters up to 4 with twice as many GiB of memory; a GPU's profile is taken whole.</remarks>
internal sealed record JobSize(string Profile, double Cpu, string Memory)
{
    private const double MaxCpu = 4;
    private const double Step = 0.25;

    private static readonly Dictionary<string, JobSize> ByGpu = new(StringComparer.OrdinalIgnoreCase)
    {
        ["t4"] = new("Consumption-GPU-NC8as-T4", 8, "56Gi"),
        ["a100"] = new("Consumption-GPU-NC24-A100", 24, "220Gi"),
    };

    public static IReadOnlyCollection<string> Gpus { get; } = ["t4", "a100"];

    /// <summary>The smallest size that has what was asked for; null if nothing was.</summary>
    public static JobSize? Of(ResourceSpec? resources)
    {
        if (GpuOf(resources) is { } gpu)
        {
            return ByGpu[gpu];
        }

        if (resources is null or { Cpu: null, Memory: null })
        {
            return null;
        }

        var cores = Math.Max(resources.Cpu ?? Step, resources.Memory is { } memory ? Gibibytes(memory) / 2 : 0);
        var cpu = Math.Max(Step, Math.Ceiling(cores / Step) * Step);
        return cpu <= MaxCpu
            ? new JobSize("Consumption", cpu, string.Create(CultureInfo.InvariantCulture, $"{cpu * 2:0.##}Gi"))
            : throw ServerlessException.Invalid(
                $"A container job has at most {MaxCpu} cores and {MaxCpu * 2}Gi of memory.",
                "Ask for less, or for a GPU's machine."
            );
    }

    /// <summary>The type of GPU that is asked for: `t4`, `a100:1`, as Kubernetes or Kubeflow name it (`nvidia.com/gpu`, `NVIDIA_TESLA_T4`),
    /// or
    /// just a number, for which the smaller one does. Null for none.</summary>
    public static string? GpuOf(ResourceSpec? resources)
    {
        if (resources?.Gpu is not { } text)
        {
            return null;
        }

        var (type, number) =
            text.Split(':') is [var before, var after] ? (before, after)
            : text.All(char.IsAsciiDigit) ? ("", text)
            : (text, "1");
        var count = resources.GpuCount ?? int.Parse(number, CultureInfo.InvariantCulture);
        if (count == 0)
        {
            return null;
        }

        var known = type is "" or "nvidia.com/gpu"
            ? "t4"
            : Gpus.FirstOrDefault(g => type.Split('-', '_', '/', '.').Contains(g, StringComparer.OrdinalIgnoreCase));
        return known is null
                ? throw ServerlessException.Invalid(
                    $"There is no GPU '{text}' for container jobs.",
                    $"There are: {string.Join(", ", Gpus)}."
                )
            : count == 1 ? known
            : throw ServerlessException.Invalid($"The task asks for {count} GPUs, and a container job has one.", "Ask for one.");
    }

    /// <summary>As Kubernetes writes it: `4Gi`, `500Mi`, `2G`.</summary>
    private static double Gibibytes(string memory)
    {
        (string Suffix, double Bytes)[] units =
        [
            ("Ki", 1L << 10),
            ("Mi", 1L << 20),
            ("Gi", 1L << 30),
            ("Ti", 1L << 40),
            ("K", 1e3),
            ("M", 1e6),
            ("G", 1e9),
            ("T", 1e12),
            ("", 1),
        ];
        var (suffix, bytes) = units.First(u => memory.EndsWith(u.Suffix, StringComparison.OrdinalIgnoreCase));
        return
            double.TryParse(
                memory.AsSpan(0, memory.Length - suffix.Length),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var number
            )
            && number > 0
            ? number * bytes / (1L << 30)
            : throw ServerlessException.Invalid($"'{memory}' is not an amount of memory.", "Write it as 4Gi or 500Mi.");
    }
}
