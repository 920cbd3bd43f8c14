using System.CommandLine;
using Serverless.Data.Maintenance;
using Serverless.Data.Remotes;

namespace Serverless.Local.Commands.Data;

internal static class FsckCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Tracked files and folders. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var cloud = new Option<bool>("--cloud", "-c") { Description = "Check a remote instead of the cache." };
        var remote = new Option<string?>("--remote", "-r") { Description = "Remote to use. Omit for the default remote." };
        var repair = new Option<bool>("--repair")
        {
            Description = "Replace missing or corrupt objects from another copy: the cache or a remote.",
        };
        var missing = new Option<bool>("--missing") { Description = "Report objects that are missing from the cache, too." };
        var commits = new Option<bool>("--all-commits", "-A") { Description = "Include content used by all commits." };
        var jobs = new Option<int?>("--jobs", "-j") { Description = "Number of objects to check in parallel." };
        var command = new Command("fsck", "Find missing or corrupt content, and repair it from other copies.")
        {
            targets,
            cloud,
            remote,
            repair,
            missing,
            commits,
            jobs,
        }.WithExample("mlops fsck\nmlops fsck -c --repair");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                var selection = new UsedSelection { Targets = parsed.GetValue(targets) ?? [], AllCommits = parsed.GetValue(commits) };
                var isCloud = parsed.GetValue(cloud) || parsed.GetValue(remote) is not null;
                var name = isCloud ? parsed.GetValue(remote)?.ToLowerInvariant() ?? repository.Config.DefaultRemote : null;
                var opened = new List<(string Name, IRemote Remote)>();
                try
                {
                    foreach (var other in repository.Config.Remotes.Where(r => r != name))
                    {
                        opened.Add(($"remote '{other}'", RemoteFactory.Open(repository.Config, other)));
                    }

                    var check = new ObjectCheck(repository, opened, parsed.GetValue(jobs));
                    IReadOnlyList<ObjectFinding> findings;
                    if (isCloud)
                    {
                        await using var main = RemoteFactory.Open(repository.Config, name);
                        findings = await check.RemoteAsync(main, selection, parsed.GetValue(repair), cancellationToken);
                    }
                    else
                    {
                        findings = await check.CacheAsync(selection, parsed.GetValue(repair), parsed.GetValue(missing), cancellationToken);
                    }

                    foreach (var finding in findings.OrderBy(f => f.Name, StringComparer.Ordinal))
                    {
                        Console.Out.WriteLine(
                            $"{finding.State, -8} {finding.Id}  "
                                + $"{finding.Name}{(finding.RepairedFrom is { } from ? $": repaired from {from}" : "")}"
                        );
                    }

                    var wrong = findings.Count(f => f.RepairedFrom is null);
                    Console.Out.WriteLine($"{check.Checked} objects checked, {findings.Count} wrong, {findings.Count - wrong} repaired.");
                    if (wrong > 0 && !parsed.GetValue(repair))
                    {
                        Console.Error.WriteLine("Run with `--repair` to replace them from other copies, if there are any.");
                    }

                    return wrong > 0 ? 1 : 0;
                }
                finally
                {
                    foreach (var (_, other) in opened)
                    {
                        await other.DisposeAsync();
                    }
                }
            }
        );
    }
}
