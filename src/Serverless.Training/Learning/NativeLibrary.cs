using Serverless.Core;

namespace Serverless.Training.Learning;

/// <summary>Loads LightGBM's native library, which needs OpenMP's runtime. Small Linux images do not have it.</summary>
public static class NativeLibrary
{
    public static bool IsMissing(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is DllNotFoundException or BadImageFormatException)
            {
                return true;
            }
        }

        return false;
    }

    public static ServerlessException Explain(Exception e) =>
        new(
            ErrorCodes.Environment,
            $"LightGBM's native library cannot be loaded: {Cause(e)}.",
            OperatingSystem.IsLinux() ? "Install OpenMP's runtime: apt-get install libgomp1 (Debian, Ubuntu), apk add libgomp (Alpine)."
                : OperatingSystem.IsMacOS() ? "Install OpenMP's runtime: brew install libomp."
                : "Use train/fast-tree instead.",
            status: 500,
            inner: e
        );

    /// <summary>The runtime lists every path that it tried. Only the line with the missing library matters.</summary>
    private static string Cause(Exception e)
    {
        string[] lines =
        [
            .. e.GetBaseException().Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ];
        return (lines.FirstOrDefault(l => l.Contains("libgomp", StringComparison.Ordinal)) ?? lines[0].Split(". ")[0]).TrimEnd('.', ':');
    }
}
