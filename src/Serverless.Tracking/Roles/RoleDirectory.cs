using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Roles;

/// <summary>A role and who has it.</summary>
public sealed record Role(string Name, IReadOnlyList<string> Members);

/// <summary>
/// Who may say yes in which role. A role that nobody was given is open to whoever names it: on one machine, where nobody proves who they
/// are, naming it is all that can be asked.
/// </summary>
public sealed class RoleDirectory(Store store)
{
    private const int Longest = 200;
    private string Partition => Keys.Join(store.Workspace, "roles");

    public async Task<IReadOnlyList<Role>> ListAsync(CancellationToken cancellationToken = default)
    {
        var roles = new List<Role>();
        await foreach (var row in store.Index.QueryAsync(Partition, "", cancellationToken))
        {
            roles.Add(row.Read<Role>());
        }

        return roles;
    }

    /// <summary>Says who has the role; nobody takes it away.</summary>
    public async Task SetAsync(string name, IReadOnlyList<string> members, CancellationToken cancellationToken = default)
    {
        if (
            string.IsNullOrWhiteSpace(name)
            || name.Length > Longest
            || members.Any(m => string.IsNullOrWhiteSpace(m) || m.Length > Longest)
        )
        {
            throw ServerlessException.Invalid(
                "A role and its members have names of 1 to 200 characters.",
                "Write it as: mlops roles set owner alice bob"
            );
        }

        var row = Row.Of(Partition, Keys.Join(Keys.Bounded(name)), new Role(name, [.. members.Distinct(StringComparer.Ordinal)]));
        await store.Index.CommitAsync(members.Count == 0 ? RowChange.Delete(row) : RowChange.Put(row), cancellationToken);
    }

    /// <summary>Refuses who does not have the role that is asked for.</summary>
    /// <param name="wanted">The role that has to say yes.</param>
    /// <param name="named">The role in which somebody answers.</param>
    /// <param name="who">Who answers.</param>
    /// <param name="what">What waits, for the error.</param>
    /// <param name="cancellationToken">Stops the question.</param>
    public async Task RequireAsync(string wanted, string? named, string who, string what, CancellationToken cancellationToken = default)
    {
        if (named != wanted)
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"{what} waits for the role '{wanted}'{(named is null ? "" : $", not for '{named}'")}.",
                $"Answer in that role: --role {wanted}.",
                403
            );
        }

        var row = await store.Index.GetAsync(Partition, Keys.Join(Keys.Bounded(wanted)), cancellationToken);
        if (row?.Read<Role>().Members is { } members && !members.Contains(who, StringComparer.Ordinal))
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"'{who}' does not have the role '{wanted}', for which {char.ToLowerInvariant(what[0])}{what[1..]} waits.",
                $"One of {string.Join(", ", members)} can answer: --as NAME --role {wanted}.",
                403
            );
        }
    }
}
