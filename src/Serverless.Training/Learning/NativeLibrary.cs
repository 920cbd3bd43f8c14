namespace Serverless.Training;

/// <summary>LightGBM is a native library, and it needs OpenMP's runtime, which a small Linux image lacks.</summary>
internal static class NativeLibrary
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

    public static ServerlessException Explain(Exception e) => new(
        ErrorCodes.Environment,
        "LightGBM's native library cannot be loaded here: " + e.GetBaseException().Message.ReplaceLineEndings(" "),
        OperatingSystem.IsLinux()
            ? "Install OpenMP's runtime: apt-get install libgomp1 (Debian, Ubuntu), apk add libgomp (Alpine)."
            : OperatingSystem.IsMacOS() ? "Install OpenMP's runtime: brew install libomp." : "Use train/fast-tree instead.",
        status: 500,
        inner: e);
}
