using System.Globalization;
using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Jobs;

/// <summary>The size of a container, among the sizes of Azure Container Apps.</summary>
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

    /// <summary>Returns the smallest size that meets the requirements, or null without requirements.</summary>
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
                "Request less, or request a GPU."
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
                ? throw ServerlessException.Invalid($"Container jobs have no GPU '{text}'.", $"Use one of {string.Join(", ", Gpus)}.")
            : count == 1 ? known
            : throw ServerlessException.Invalid($"The task requests {count} GPUs, but a container job has one.", "Request one GPU.");
    }

    /// <summary>Parses a Kubernetes quantity: `4Gi`, `500Mi`, `2G`.</summary>
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
            : throw ServerlessException.Invalid($"'{memory}' is not an amount of memory.", "Use a form such as 4Gi or 500Mi.");
    }
}
