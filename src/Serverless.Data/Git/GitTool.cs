using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Serverless.Core;

namespace Serverless.Data.Git;

/// <summary>Runs the user's git program in a work tree or bare repository.</summary>
public sealed class GitTool(string folder)
{
    public string Folder => folder;

    /// <summary>Returns the given paths (relative to <see cref="Folder"/>) that git tracks or that contain tracked files.</summary>
    public IReadOnlyList<string> Tracked(IReadOnlyList<string> paths) =>
        Names(Run(["--literal-pathspecs", "ls-files", "-z", "--", .. paths], allowed: [0]));

    /// <summary>Returns the given paths that a `.gitignore` excludes.</summary>
    public HashSet<string> Ignored(IReadOnlyList<string> paths) =>
        [.. Names(Run(["check-ignore", "-z", "--stdin", "--no-index"], allowed: [0, 1], input: string.Join('\0', paths) + "\0"))];

    public void Add(IEnumerable<string> paths) => Run(["--literal-pathspecs", "add", "--", .. paths], allowed: [0]);

    /// <summary>Resolves a branch, tag or expression to a commit.</summary>
    public string Resolve(string revision)
    {
        var (code, output, _) = Execute(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], null);
        return code == 0
            ? Encoding.UTF8.GetString(output).Trim()
            : throw ServerlessException.NotFound($"unknown Git revision '{revision}'", "`git log --all --oneline` shows the commits.");
    }

    /// <summary>Returns false before the first commit.</summary>
    public bool HasCommits => Execute(["rev-parse", "--verify", "--quiet", "HEAD"], null).Code == 0;

    /// <summary>Lists every file of a commit in a folder: mode, object, path relative to the work tree's root.</summary>
    public IEnumerable<GitEntry> Files(string commit)
    {
        foreach (var line in Names(Run(["ls-tree", "-r", "-z", "-l", "--full-tree", commit], allowed: [0])))
        {
            var (head, path) = (
                line[..line.IndexOf('\t', StringComparison.Ordinal)],
                line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..]
            );
            var fields = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            yield return new GitEntry(path, fields[2], fields[0], long.TryParse(fields[3], out var size) ? size : 0);
        }
    }

    public byte[] Read(string objectId) => Run(["cat-file", "blob", objectId], allowed: [0]);

    /// <summary>Returns the commits of the references with a prefix (`refs/heads`, `refs/tags`).</summary>
    public IReadOnlyList<string> References(string prefix) =>
        [
            .. Lines(Run(["for-each-ref", "--format=%(objecttype) %(objectname) %(*objectname)", prefix], allowed: [0]))
                .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(f => f[0] == "commit" || f.Length > 2)
                .Select(f => f[^1])
                .Distinct(),
        ];

    /// <summary>Returns every commit that a reference points to, and the current one.</summary>
    public IReadOnlyList<string> Commits() => HasCommits ? Lines(Run(["rev-list", "--all", "HEAD"], allowed: [0])) : [];

    /// <summary>Returns all tags and their commits.</summary>
    public IReadOnlyList<(string Name, string Commit)> Tags() =>
        [
            .. Lines(Run(["for-each-ref", "--format=%(refname:strip=2) %(objectname) %(*objectname)", "refs/tags"], allowed: [0]))
                .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(f => (f[0], f[^1])),
        ];

    /// <summary>Creates an annotated tag, which must not exist.</summary>
    public void MakeTag(string name, string commit, string message) => Run(["tag", "-a", name, commit, "-m", message], allowed: [0]);

    /// <summary>Reads many blobs with one process, in the order of the request.</summary>
    public IReadOnlyList<byte[]> ReadMany(IReadOnlyList<string> objectIds)
    {
        if (objectIds.Count == 0)
        {
            return [];
        }

        var output = Run(["cat-file", "--batch"], allowed: [0], input: string.Join('\n', objectIds) + "\n").AsSpan();
        var blobs = new List<byte[]>(objectIds.Count);
        while (output.Length > 0)
        {
            // `<object> blob <size>`, the bytes, a line feed.
            var head = Encoding.ASCII.GetString(output[..output.IndexOf((byte)'\n')]);
            var size = int.Parse(head.AsSpan(head.LastIndexOf(' ') + 1), System.Globalization.CultureInfo.InvariantCulture);
            blobs.Add(output.Slice(head.Length + 1, size).ToArray());
            output = output[(head.Length + size + 2)..];
        }

        return blobs;
    }

    /// <summary>Writes the requested files of a commit to a folder.</summary>
    internal void LayOut(string commit, string folder, Func<string, bool> isWanted)
    {
        var files = Files(commit).Where(f => isWanted(f.Path) && f.Mode.StartsWith("100", StringComparison.Ordinal)).ToList();
        foreach (var (file, bytes) in files.Zip(ReadMany([.. files.Select(f => f.Object)])))
        {
            var path = Path.Combine(folder, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }

    public static void Clone(string url, string into)
    {
        var git = new GitTool(Directory.GetCurrentDirectory());
        var (code, _, error) = git.Execute(["clone", "--quiet", "--bare", "--", url, into], null);
        if (code != 0)
        {
            throw ServerlessException.NotFound($"Failed to clone repo '{url}': {error.Trim()}", "Check the address and your access to it.");
        }
    }

    private byte[] Run(IReadOnlyList<string> arguments, int[] allowed, string? input = null)
    {
        var (code, output, error) = Execute(arguments, input);
        return allowed.Contains(code)
            ? output
            : throw new ServerlessException(ErrorCodes.Environment, $"git {arguments[0]} failed: {error.Trim()}", status: 500);
    }

    private (int Code, byte[] Output, string Error) Execute(IReadOnlyList<string> arguments, string? input)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        try
        {
            using var git = Process.Start(start)!;
            var error = git.StandardError.ReadToEndAsync();
            var writing = Task.Run(() =>
            {
                git.StandardInput.Write(input);
                git.StandardInput.Close();
            });
            using var output = new MemoryStream();
            git.StandardOutput.BaseStream.CopyTo(output);
            git.WaitForExit();
            writing.GetAwaiter().GetResult();
            return (git.ExitCode, output.ToArray(), error.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                "git is not installed.",
                "Install git, or use `mlops init --no-scm`.",
                status: 500,
                inner: e
            );
        }
    }

    private static IReadOnlyList<string> Lines(byte[] output) =>
        Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IReadOnlyList<string> Names(byte[] output) =>
        Encoding.UTF8.GetString(output).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A file of a commit.</summary>
public sealed record GitEntry(string Path, string Object, string Mode, long Size)
{
    public bool IsExecutable => Mode == "100755";
}
