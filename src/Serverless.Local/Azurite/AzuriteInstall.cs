using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Serverless.Core;

namespace Serverless.Local.Azurite;

/// <summary>The pinned npm package `azurite`, installed once per user and shared by all workspaces.</summary>
internal sealed class AzuriteInstall
{
    public const string Version = "3.37.0";
    private const int OldestNode = 20;

    private AzuriteInstall(string folder) => Folder = folder;

    public string Folder { get; }

    public string Launcher => Path.Combine(Folder, "launch.cjs");

    public string Main => Path.Combine(Folder, "node_modules", "azurite", "dist", "src", "azurite.js");

    private static string Root =>
        Environment.GetEnvironmentVariable("MLOPS_TOOLS") is { Length: > 0 } own
            ? own
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
                "mlops"
            );

    public static async Task<AzuriteInstall> EnsureAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        await CheckNodeAsync(cancellationToken);
        var install = new AzuriteInstall(Path.Combine(Root, "azurite-" + Version));
        Directory.CreateDirectory(install.Folder);
        var done = Path.Combine(install.Folder, "installed");
        // Two hosts that start at the same time must not install at the same time.
        await using var turn = await FileTurn.TakeAsync(Path.Combine(install.Folder, "install.lock"), cancellationToken);
        foreach (var name in (string[])["package.json", "package-lock.json", "journal.cjs", "launch.cjs"])
        {
            await LayDownAsync(name, Path.Combine(install.Folder, name), cancellationToken);
        }

        if (!File.Exists(done))
        {
            tell($"Installing Azurite {Version} from npm, once for all workspaces (about half a minute) …");
            await NpmAsync(install.Folder, cancellationToken);
            await File.WriteAllTextAsync(done, Version, cancellationToken);
        }

        return install;
    }

    /// <summary>
    /// Written only if the content differs, and atomically: another process may be starting an Azurite from the launcher, which would
    /// exit silently if it read half a file.
    /// </summary>
    internal static async Task LayDownAsync(string name, string path, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await using (var from = typeof(AzuriteInstall).Assembly.GetManifestResourceStream("azurite/" + name)!)
        {
            await from.CopyToAsync(content, cancellationToken);
        }

        var bytes = content.ToArray();
        var there = File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
        if (there is not null && bytes.AsSpan().SequenceEqual(there))
        {
            return;
        }

        await File.WriteAllBytesAsync(path + ".new", bytes, cancellationToken);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static async Task CheckNodeAsync(CancellationToken cancellationToken)
    {
        var fix =
            $"Install Node {OldestNode} or newer (https://nodejs.org) so that `node` and `npm` are on PATH, or set AzureWebJobsStorage "
            + $"to a storage account.";
        var (exitCode, output) = await RunAsync("node", ["--version"], ".", fix, cancellationToken);
        var major = output.TrimStart('v').Split('.')[0];
        if (exitCode != 0 || !int.TryParse(major, CultureInfo.InvariantCulture, out var number) || number < OldestNode)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"Azurite needs Node {OldestNode}; `node --version` says {output.Trim()}.",
                fix
            );
        }
    }

    private static async Task NpmAsync(string folder, CancellationToken cancellationToken)
    {
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var (exitCode, output) = await RunAsync(
            npm,
            ["ci", "--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts"],
            folder,
            "Install npm, which comes with Node.",
            cancellationToken
        );
        if (exitCode != 0)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"npm could not install Azurite {Version}:\n{output.Trim()}",
                "Check the network and npm's registry setting, then try again."
            );
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(
        string program,
        string[] arguments,
        string folder,
        string fix,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    WorkingDirectory = folder,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    RedirectStandardInput = true,
                }
            )!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await error);
        }
        catch (Win32Exception e)
        {
            throw new ServerlessException(ErrorCodes.Environment, $"`{program}` was not found on PATH.", fix, inner: e);
        }
    }
}
