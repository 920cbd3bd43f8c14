namespace Serverless.Local.Hosting;

/// <summary>How to start this program again.</summary>
internal static class OwnProgram
{
    public static IReadOnlyList<string> Command()
    {
        var process = Environment.ProcessPath!;
        // Under `dotnet mlops.dll` the process is the runtime's, and the program its first argument.
        return Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [process, Path.Combine(AppContext.BaseDirectory, typeof(OwnProgram).Assembly.GetName().Name + ".dll")]
            : [process];
    }
}
