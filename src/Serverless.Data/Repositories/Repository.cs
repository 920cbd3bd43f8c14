using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Configuration;
using Serverless.Data.Files;
using Serverless.Data.Ignore;

namespace Serverless.Data.Repositories;

/// <summary>
/// A local folder that DVC's files describe (`.dvc`, `*.dvc`, `dvc.yaml`, `dvc.lock`): its settings, its ignore rules, its cache.
/// Disposing it saves what was learned about files.
/// </summary>
public sealed class Repository : IDisposable
{
    public const string ControlName = ".dvc";

    private readonly Lazy<StateCache> state;
    private readonly Lazy<LocalCache> cache;

    private readonly TimeProvider clock;

    private Repository(string root, TimeProvider? clock, LocalCache? givenCache = null)
    {
        this.clock = clock ?? TimeProvider.System;
        Root = root;
        ControlFolder = Path.Combine(root, ControlName);
        Config = RepositoryConfig.Load(ControlFolder);
        GitRoot = Config.Flag("core", "no_scm") ? null : FindUp(root, ".git");
        Ignore = new IgnoreRules(root);
        GitIgnore = GitRoot is null ? null : IgnoreRules.OfGit(GitRoot);
        state = new(() => new StateCache(Path.Combine(TemporaryFolder, "mlops-state"), clock));
        cache = new(() => givenCache ?? LocalCache.Of(Config, ControlFolder));
    }

    /// <summary>Gets the absolute folder that contains `.dvc`, with links resolved.</summary>
    public string Root { get; }

    public string ControlFolder { get; }

    /// <summary>Gets `.dvc/tmp`, which is never committed or shared.</summary>
    public string TemporaryFolder => Path.Combine(ControlFolder, "tmp");

    /// <summary>Gets the git work tree of the repository, or null without version control.</summary>
    public string? GitRoot { get; }

    public RepositoryConfig Config { get; }

    /// <summary>Gets what git ignores, or null without git.</summary>
    public IgnoreRules? GitIgnore { get; }

    public IgnoreRules Ignore { get; }

    public LocalCache Cache => cache.Value;

    public StateCache State => state.Value;

    /// <summary>Finds the repository of a folder.</summary>
    public static Repository Open(string folder, TimeProvider? clock = null)
    {
        var root =
            FindUp(RealPath(folder), ControlName)
            ?? throw new ServerlessException(
                ErrorCodes.ResourceDoesNotExist,
                "you are not inside of a DVC repository (checked up to mount point '/')",
                "Create one here with `mlops init`.",
                status: 404
            );
        return new Repository(root, clock);
    }

    /// <summary>
    /// Opens the repository at a folder, or one without settings if the folder has no `.dvc`, so that git's own files can be listed.
    /// </summary>
    internal static Repository OpenOrBare(string folder, LocalCache? cache = null) =>
        new(FindRoot(folder) ?? RealPath(folder), null, cache);

    /// <summary>Finds the repository of a folder. Returns null if there is none.</summary>
    public static string? FindRoot(string folder) => FindUp(RealPath(folder), ControlName);

    /// <summary>Returns the git work tree of a folder, or null.</summary>
    public static string? FindGitRoot(string folder) => FindUp(RealPath(folder), ".git");

    /// <summary>Returns the path for pointers and messages: relative to the root, with `/`.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Returns true if the absolute path is inside the repository.</summary>
    public bool Contains(string path) =>
        path.Length > Root.Length
        && path.StartsWith(Root, StringComparison.Ordinal)
        && (Root.Length == 1 || path[Root.Length] == Path.DirectorySeparatorChar);

    /// <summary>Locks the repository against changes until the lock is disposed. Every command that writes takes it.</summary>
    public IDisposable Lock() => RepositoryLock.Take(this, clock);

    public void Dispose()
    {
        if (state.IsValueCreated)
        {
            State.Save();
        }
    }

    internal static string? FindUp(string folder, string name)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var path = Path.Combine(at, name);
            if (Directory.Exists(path) || (name == ".git" && File.Exists(path)))
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>Returns the folder with links resolved.</summary>
    public static string RealPath(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var real = Path.GetPathRoot(full)!;
        foreach (var name in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, name);
            if (FileStat.Of(real, follow: false) is { IsLink: true })
            {
                real = Path.TrimEndingDirectorySeparator(
                    new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real
                );
            }
        }

        return real;
    }
}
