namespace Splitwiser.Models.Grammar;

/// <summary>What must hold of a grammar before it is used: it can be finished, and every rule begins with a byte sooner or later.</summary>
internal static class GrammarCheck
{
    /// <exception cref="GrammarException">No value can satisfy it, or a rule leads back to itself without a byte between.</exception>
    public static void Require(GrammarNode root)
    {
        Measure(root);
        if (!IsGuarded(root)) throw new GrammarException("#", "$ref", "#: a schema leads back to itself through $ref, anyOf or oneOf alone, or through too many of them");
        if (root.Height > GrammarLimits.Depth)
            throw new GrammarException("#", "schema", root.Height >= GrammarNode.Impossible ? "#: no value can satisfy the schema" : $"#: values are nested deeper than {GrammarLimits.Depth}");
    }

    /// <summary>Finds the heights: the least solution, from above.</summary>
    public static void Measure(GrammarNode root)
    {
        var nodes = Reachable(root);
        var parents = new Dictionary<GrammarNode, List<GrammarNode>>();
        foreach (var node in nodes)
            foreach (var child in node.Children)
            {
                if (!parents.TryGetValue(child, out var list)) parents.Add(child, list = []);
                list.Add(node);
            }
        var open = new Queue<GrammarNode>(nodes);
        while (open.TryDequeue(out var node))
        {
            var height = Math.Min(node.Height, node.MeasureHeight());
            if (node is TerminalNode || height == node.Height) continue;
            node.Height = height;
            foreach (var parent in parents.GetValueOrDefault(node) ?? []) open.Enqueue(parent);
        }
    }

    private static List<GrammarNode> Reachable(GrammarNode root)
    {
        var found = new HashSet<GrammarNode> { root };
        var nodes = new List<GrammarNode> { root };
        for (var i = 0; i < nodes.Count; i++)
            foreach (var child in nodes[i].Children)
                if (found.Add(child)) nodes.Add(child);
        return nodes;
    }

    /// <summary>Takes away, again and again, the nodes that all begin with others which are gone: what is left goes in a circle.</summary>
    public static bool IsGuarded(GrammarNode root)
    {
        var levels = new Dictionary<GrammarNode, int>();
        var left = Reachable(root);
        for (var level = 0; left.Count > 0; level++)
        {
            var guarded = left.Where(node => node.Openers.All(levels.ContainsKey)).ToList();
            if (guarded.Count == 0 || level == GrammarLimits.Unguarded) return false;
            foreach (var node in guarded) levels.Add(node, level);
            left = [.. left.Where(node => !levels.ContainsKey(node))];
        }
        return true;
    }
}
