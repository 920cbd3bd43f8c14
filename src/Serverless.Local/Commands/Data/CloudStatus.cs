using System.CommandLine;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Local.Commands.Data;

/// <summary>`status -c`: compares the cache with a remote.</summary>
internal sealed class CloudStatus
{
    private readonly Option<bool> cloud = new("--cloud", "-c") { Description = "Compare the cache with a remote." };
    private readonly Option<string?> remote = new("--remote", "-r") { Description = "Remote to use. Omit for the default remote." };
    private readonly Option<int?> jobs = new("--jobs", "-j") { Description = "Number of parallel requests." };
    private readonly Option<bool> branches = new("--all-branches", "-a") { Description = "Include content used by all branches." };
    private readonly Option<bool> tags = new("--all-tags", "-T") { Description = "Include content used by all tags." };
    private readonly Option<bool> commits = new("--all-commits", "-A") { Description = "Include content used by all commits." };
    private readonly Option<bool> dependencies = new("--with-deps", "-d") { Description = "Include the dependencies of the targets." };

    public Command AddTo(Command command)
    {
        foreach (var option in (Option[])[cloud, remote, jobs, branches, tags, commits, dependencies])
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>`-d`, which also applies to the comparison with the workspace.</summary>
    public bool WithDependencies(ParseResult parsed) => parsed.GetValue(dependencies);

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(cloud) || parsed.GetValue(remote) is not null;

    public async Task<int> RunAsync(
        Repository repository,
        ParseResult parsed,
        IReadOnlyList<string> targets,
        bool recursive,
        bool json,
        bool quiet,
        CancellationToken cancellationToken
    )
    {
        var name = parsed.GetValue(remote)?.ToLowerInvariant();
        var selection = new UsedSelection
        {
            Targets = targets,
            Recursive = recursive,
            WithDependencies = WithDependencies(parsed),
            AllBranches = parsed.GetValue(branches),
            AllTags = parsed.GetValue(tags),
            AllCommits = parsed.GetValue(commits),
        };
        var states = await new RepositoryTransfer(repository, name, parsed.GetValue(jobs)).CompareAsync(selection, cancellationToken);
        if (json)
        {
            Console.Out.WriteLine(PythonJson.Dump(DataValues.Map([.. states.Select(s => (s.Key, (DataNode?)DataScalar.Text(s.Value)))])));
            return 0;
        }

        if (quiet)
        {
            return states.Count > 0 ? 1 : 0;
        }

        foreach (var (path, state) in states)
        {
            Console.Out.WriteLine($"\t{(state + ":").PadRight(20)}{path}");
        }

        if (states.Count == 0)
        {
            Console.Out.WriteLine($"Cache and remote '{name ?? repository.Config.DefaultRemote}' are in sync.");
        }

        return 0;
    }
}
