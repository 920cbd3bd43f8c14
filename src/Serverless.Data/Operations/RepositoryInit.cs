using Serverless.Core;
using Serverless.Data.Git;
using Serverless.Data.Ignore;
using Serverless.Data.Repositories;

namespace Serverless.Data.Operations;

/// <summary>Makes a folder a repository, with the same files as DVC.</summary>
public static class RepositoryInit
{
    private const string IgnoreHeader = """
        # Add patterns of files dvc should ignore, which could improve
        # the performance. Learn more at
        # https://dvc.org/doc/user-guide/dvcignore

        """;

    /// <returns>The files to add to git.</returns>
    public static IReadOnlyList<string> Run(string folder, bool noScm, bool subFolder, bool force)
    {
        if (noScm && subFolder)
        {
            throw ServerlessException.Invalid("Cannot initialize repo with `--no-scm` and `--subdir`");
        }

        var root = Path.GetFullPath(folder);
        var git =
            noScm ? null
            : subFolder ? Repository.FindUp(root, ".git")
            : Path.Exists(Path.Combine(root, ".git")) ? root
            : null;
        if (git is null && !noScm)
        {
            throw ServerlessException.Invalid(
                $"{root} is not tracked by any supported SCM tool (e.g. Git). Use `--no-scm` if you don't want to use any SCM or "
                    + $"`--subdir` if initializing inside a subdirectory of a parent SCM repository."
            );
        }

        var control = Path.Combine(root, Repository.ControlName);
        if (git is not null && new GitTool(git).Ignored([Path.GetRelativePath(git, control)]).Count > 0)
        {
            throw ServerlessException.Invalid(
                $"{control} is ignored by your SCM tool.",
                "Make sure that it's tracked, for example, by adding '!.dvc' to .gitignore."
            );
        }

        if (Directory.Exists(control))
        {
            if (!force)
            {
                throw ServerlessException.Conflict(
                    $"'{Path.GetRelativePath(Environment.CurrentDirectory, control)}' exists. Use `-f` to force."
                );
            }

            Directory.Delete(control, recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(control, "tmp"));
        var files = new List<string> { Path.Combine(control, "config") };
        File.WriteAllText(files[0], noScm ? "[core]\n    no_scm = True\n" : "");
        if (git is not null)
        {
            files.Add(Path.Combine(control, ".gitignore"));
            File.WriteAllText(files[1], "/config.local\n/tmp\n/cache\n");
        }

        files.Add(Path.Combine(root, IgnoreRules.FileName));
        if (!File.Exists(files[^1]))
        {
            File.WriteAllText(files[^1], IgnoreHeader);
        }

        if (git is not null)
        {
            new GitTool(git).Add(files);
        }

        return files;
    }
}
